import { expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import type { KvTransactPut } from '../../../runtime/core/ports/transactions.ts';
import type { InboxHandlers } from '../../../runtime/nats/inboxes.ts';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createHandles } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createSendFast } from '../../../runtime/nats/kv/transact/fast-batch.ts';
import { createStoreMany } from '../../../runtime/nats/kv/transact/store-many.ts';
import { createReadTogether } from '../../../runtime/nats/kv/transact/together.ts';
import { denied as forbidden } from '../../../runtime/nats/request-errors.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats } from '../../support/kvflow.ts';
import { startLossyProxy } from '../../support/lossy-proxy.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';
import { soon } from '../../support/soon.ts';

const bucket = 'b';
const putsOf = (count: number, more: Partial<KvTransactPut> = {}): KvTransactPut[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k.${i}`, value: `v${i}`, ...more }));

/** A bucket in memory over a proxy, and the last words that the server said of fast batches. */
async function open() {
  await using made = new AsyncDisposableStack();
  const server = made.use(await startNats());
  const proxy = made.use(await startLossyProxy(server.port));
  const k = made.use(joinNats({ servers: [proxy.url] }));
  const official = made.use(await connectOfficial(server.url));
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, { storage: 'memory' });
  const counts: number[] = [];
  official.nc.subscribe('_INBOX.>', {
    callback: (_error, msg) => {
      const said = msg.subject.endsWith('.$FI') ? msg.json<{ batch?: string; count?: number }>() : {};
      if (said.batch !== undefined) counts.push(said.count ?? 0);
    },
  });
  await official.nc.flush();
  const stage = made.move();
  return {
    kv,
    nats: k.nats,
    proxy,
    counts,
    official,
    found: async (keys: string[]) => {
      const found = await kv.getMany(soon(), bucket, keys);
      return found.map(item => item && 'value' in item && Buffer.from(item.value).toString());
    },
    lastSeq: async () => (await kv.bucketInfo(soon(), bucket)).last_seq,
    [Symbol.asyncDispose]: () => stage.disposeAsync(),
  };
}

test('storeMany - puts of a bucket in memory go in one fast batch, each with what belongs to it', async () => {
  await using s = await open();
  const about = { contentType: 'text/plain', metadata: { of: 'one' } };
  const puts = putsOf(200).map((put, i) => (i === 7 ? { ...put, ...about } : put));
  const by = { script: 'tester' };
  expect(await s.kv.storeMany(soon(), bucket, puts)).toEqual(puts.map(() => undefined));
  expect(await s.kv.storeMany({ ...soon(), by }, bucket, puts)).toEqual(puts.map(() => undefined));
  await eventually(() => expect(s.counts).toEqual([200, 200]));
  expect(await s.found(puts.map(({ key }) => key))).toEqual(puts.map(({ value }) => value));
  expect(await s.kv.get(soon(), { bucket, key: 'k.7' })).toMatchObject({ ...about, by });
  expect(await s.lastSeq()).toBe(400);
});

test('storeMany - one that is refused ends the batch; it is answered by itself, and the others are stored', async () => {
  await using s = await open();
  await s.kv.put(soon(), { bucket, key: 'k.120', value: 'before' });
  const puts = putsOf(200, { expectedRevision: 0 });
  const answers = await s.kv.storeMany(soon(), bucket, puts);
  await eventually(() => expect(s.counts).toEqual([120]));
  expect(answers.map(error => error?.code)).toEqual(
    puts.map(({ key }) => (key === 'k.120' ? 'REVISION_CONFLICT' : undefined)),
  );
  expect(await s.found(['k.119', 'k.120', 'k.121'])).toEqual(['v119', 'before', 'v121']);
  expect(await s.lastSeq()).toBe(200);
});

test.each([
  ['its last word', '"count":500'],
  ['its first word', '"type":"ack"'],
])('storeMany - the connection is cut in place of %s: all are stored once', async (_what, text) => {
  await using s = await open();
  const puts = putsOf(500, { expectedRevision: 0 });
  s.proxy.loseAnswer(text);
  expect(await s.kv.storeMany(soon(), bucket, puts)).toEqual(puts.map(() => undefined));
  expect(s.proxy.lost()).toBe(1);
  expect(await s.found(puts.map(({ key }) => key))).toEqual(puts.map(({ value }) => value));
  expect(await s.lastSeq()).toBe(500);
});

test('storeMany - its last word is never heard: all are stored once', async () => {
  await using s = await open();
  const puts = putsOf(100);
  s.proxy.swallowAnswer('"count":100');
  expect(await s.kv.storeMany(soon(), bucket, puts)).toEqual(puts.map(() => undefined));
  expect(s.proxy.lost()).toBe(1);
  expect(await s.lastSeq()).toBe(100);
});

/** Puts of which the first `stored` are stored, others answer that they do not know; the keys of those that are put again. */
async function lostAnswers(
  s: Awaited<ReturnType<typeof open>>,
  puts: KvTransactPut[],
  {
    overwritten = [],
    clockMs = 0,
    denied,
  }: { overwritten?: string[]; clockMs?: number; denied?: PackError } = {},
) {
  const { requests, connection } = s.nats;
  const readTogether = createReadTogether(requests);
  const again: string[] = [];
  const storeMany = createStoreMany({
    handles: createHandles({ requests, api: createJsApi(requests), connecting: connection }),
    readTogether: async (...asked) => {
      if (denied) throw denied;
      const snapshot = await readTogether(...asked);
      for (const message of snapshot.bySubject.values()) message.time += clockMs;
      return snapshot;
    },
    maxPayload: () => 0,
    putMany: async (_call, _bucket, puts) => {
      again.push(...puts.map(({ key }) => key));
      return puts.map(() => ({ revision: 1 }));
    },
    sendFast: async (_call, handle, messages) => {
      for (const { key, value, headers } of messages.slice(0, 70)) {
        await s.official.nc.request(handle.writeSubject(key), value, headers && { headers, timeout: 5_000 });
      }
      for (const key of overwritten) await s.official.nc.request(`$KV.${bucket}.${key}`, 'of another');
      return { stored: 50, isOpen: true };
    },
  });
  const answers = await storeMany(soon(), bucket, puts);
  const unknown = answers.flatMap((error, i) => (error ? [`${puts[i]?.key} ${error.code}`] : []));
  return { again, unknown };
}

test('storeMany - where answers were lost, what is stored is not put again, and what another wrote since is not written over', async () => {
  await using s = await open();
  const puts = putsOf(100);
  const { again, unknown } = await lostAnswers(s, puts, { overwritten: ['k.60', 'k.90'] });
  expect(unknown).toEqual(['k.60 TIMEOUT', 'k.90 TIMEOUT']);
  expect(again).toEqual(puts.slice(70).flatMap(({ key }) => (key === 'k.90' ? [] : [key])));
});

test('storeMany - where answers were lost, what carries the name of its batch is known by it, whatever the clock of its server', async () => {
  await using s = await open();
  const puts = putsOf(100, { expectedRevision: 0 });
  const { again, unknown } = await lostAnswers(s, puts, { clockMs: -3_600_000 });
  expect(unknown).toEqual([]);
  expect(again).toEqual(puts.slice(70).map(({ key }) => key));
});

test('storeMany - where answers were lost, and NATS does not let the keys be read, nobody is told that nothing was written', async () => {
  await using s = await open();
  const puts = putsOf(100);
  const reading = { denied: forbidden('publish', '$JS.API.DIRECT.GET.KV_b') };
  const { again, unknown } = await lostAnswers(s, puts, reading);
  expect(unknown).toEqual(puts.slice(50).map(({ key }) => `${key} TIMEOUT`));
  expect(again).toEqual([]);
});

test('fast batch - where its last message is denied, it is ended behind it, and its word that was on its way is heard', async () => {
  let heard: InboxHandlers | undefined;
  const sent: string[] = [];
  const requests = {
    ready: async () => undefined,
    openInbox: (handlers: InboxHandlers) => {
      heard = handlers;
      const publish = (subject: string, _payload: unknown, token: string) => sent.push(`${subject} ${token}`);
      return {
        id: 'batch',
        publish,
        beginRow: () => ({ publish, end: () => undefined }),
        close: () => undefined,
      };
    },
  } as unknown as Requests;
  const handle = { writeSubject: (key: string) => key } as BucketHandle;
  const messages = ['a', 'b', 'c', 'd'].map(key => ({ key, value: new Uint8Array(0) }));
  const outcome = createSendFast(requests)(soon(), handle, messages);
  await new Promise(setImmediate);
  expect(sent).toHaveLength(4);
  heard?.onDenied?.('b');
  heard?.onDenied?.('d');
  expect(sent.slice(4)).toEqual(['a 500.fail.5.3.$FI']);
  const said = (at: number, answer: object) =>
    heard?.onMessage({
      subject: `_INBOX.batch.500.fail.${at}.0.$FI`,
      data: [0],
      json: () => answer,
    } as never);
  said(3, { type: 'ack', seq: 0 });
  said(1, { batch: 'batch', count: 1, seq: 1 });
  said(5, { error: { err_code: 10208 } });
  expect(await outcome).toEqual({ stored: 1, isOpen: false });
});

test('storeMany - a key that comes twice, or a bucket that does not take fast batches any more: stored all the same', async () => {
  await using s = await open();
  const twice = [...putsOf(100), { key: 'k.5', value: 'later' }];
  expect(await s.kv.storeMany(soon(), bucket, twice)).toEqual(twice.map(() => undefined));
  expect(await s.found(['k.5'])).toEqual(['later']);
  await s.official.nc.flush();
  expect(s.counts).toEqual([]);
  await s.kv.updateBucket(soon(), bucket, { transactions: false });
  const puts = putsOf(100, { value: 'alone' });
  expect(await s.kv.storeMany(soon(), bucket, puts)).toEqual(puts.map(() => undefined));
  await s.kv.updateBucket(soon(), bucket, { transactions: true });
  await s.kv.storeMany(soon(), bucket, puts);
  await eventually(() => expect(s.counts).toEqual([100]));
});
