/** Who takes itself for a stream's leader is asked of all; for how long is listened depends on what they say. */
import { beforeAll, expect, test } from '@jest/globals';
import type { JsApi } from '../../../runtime/nats/js-api.ts';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { createRequests } from '../../../runtime/nats/requests.ts';
import { ASK_SOON_MS } from '../../../runtime/nats/silence.ts';
import type { StreamInfo } from '../../../runtime/nats/stream-types.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';

/** A domain whose answers the tests give. */
const DOMAIN = 'stood-in';
const LONG_MS = 60_000;
/** A timer may come so much before the clock says that it is time. */
const EARLY_MS = 5;
let requests: Requests;
let api: JsApi;

const server = forAll(startNats);
const client = forAll(() => connectOfficial(server.url));

beforeAll(async () => {
  requests = createRequests(Promise.resolve(client.nc));
  api = createJsApi(requests, DOMAIN);
  atLast(() => requests.close());
});

test('leaders - where the one that is heard is alone it is not listened to the end, but for so long', async () => {
  answering('alone', ['a']);
  const { leaders, took } = await listened('alone', LONG_MS, 300);
  expect(leaders).toEqual(['a']);
  expect(took).toBeGreaterThanOrEqual(300 - EARLY_MS);
  expect(took).toBeLessThan(LONG_MS / 2);
  // Sooner than it is asked again after silence, if the machine is not too busy each time.
  const soon: number[] = [];
  for (let i = 0; i < 8; i++) soon.push((await listened('alone', LONG_MS, 10)).took);
  expect(Math.min(...soon)).toBeLessThan(ASK_SOON_MS);
});

test('leaders - it is not listened longer for being alone', async () => {
  answering('short', ['a']);
  expect((await listened('short', 100, LONG_MS)).took).toBeLessThan(LONG_MS / 2);
});

test('leaders - one that may not be alone is listened to the end, whoever else says that it is', async () => {
  for (const said of [['not-alone'], ['a', 'not-alone'], ['not-alone', 'a']]) {
    const stream = said.join('-and-');
    answering(stream, said);
    const { leaders, took } = await listened(stream, 900, 10);
    expect(leaders).toEqual(said);
    expect(took).toBeGreaterThanOrEqual(900 - EARLY_MS);
  }
});

test('leaders - where nobody is heard it is listened to the end', async () => {
  const { leaders, took } = await listened('nobody', 500, 10);
  expect(leaders).toEqual([]);
  expect(took).toBeGreaterThanOrEqual(500 - EARLY_MS);
});

function answering(stream: string, leaders: string[]): void {
  client.nc.subscribe(subjectOf(stream), {
    callback: (_error, msg) => {
      for (const leader of leaders) msg.respond(JSON.stringify({ cluster: { leader } }));
    },
  });
}

async function listened(stream: string, withinMs: number, afterMs: number) {
  // Somebody listens, so that the server does not say that nobody does.
  client.nc.subscribe(subjectOf(stream));
  const since = Date.now();
  const isAlone = ({ cluster }: StreamInfo) => cluster?.leader !== 'not-alone';
  const call = { deadline: since + 2 * LONG_MS };
  const infos = await api.leaders(call, stream, withinMs, { isAlone, afterMs });
  return { leaders: infos.map(({ cluster }) => cluster?.leader), took: Date.now() - since };
}

function subjectOf(stream: string): string {
  return `$JS.${DOMAIN}.API.STREAM.INFO.${stream}`;
}
