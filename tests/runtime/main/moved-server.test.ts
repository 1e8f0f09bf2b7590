import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import { isFailure } from '../../../runtime/core/envelope.ts';
import { readRunning } from '../../../runtime/nats/server/data-dir.ts';
import { eventually } from '../../support/eventually.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';
import type { Place } from '../transports/cli/kvflow-process.ts';
import { makePlace, natsPid } from '../transports/cli/kvflow-process.ts';
import { startStdio } from '../transports/mcp/start-stdio.ts';

/** A program that sits on a port. */
type Taker = AsyncDisposable & { checkUntouched?(): Promise<void> };

const TAKERS: [string, (port: number) => Promise<Taker>][] = [
  ['a program that says nothing', silentProgram],
  ["somebody else's nats-server, which lets anybody in", foreignNats],
];

test.each(TAKERS)(
  'embedded server - its port taken by %s, it moves, and all who use it follow',
  async (_who, take) => {
    await using place = await makePlace();
    const server = await place.start();
    const post = poster(server.url);
    await post('kv-bucket-create', { bucket: 'b' });
    await using attached = await startStdio(place);
    const getAttached = async (key: string) =>
      (await attached.client.callTool({ name: 'kv-key-get', arguments: { bucket: 'b', key } }))
        .structuredContent;
    const writing = writeOn(post);
    await eventually(() => expect(writing.acknowledged.length).toBeGreaterThan(5));
    expect(await getAttached('k0')).toMatchObject({ value: 'v0' });

    const before = await natsUrl(place);
    // kvflow sleeps while the port changes hands: it cannot be first to have it back.
    server.child.kill('SIGSTOP');
    process.kill(server.natsPid, 'SIGKILL');
    await portIsFree(before);
    await using taker = await take(portOf(before));
    server.child.kill('SIGCONT');

    const lastBefore = writing.acknowledged.length;
    await eventually(() => expect(writing.acknowledged.length).toBeGreaterThan(lastBefore + 20), {
      within: 20_000,
    });
    await writing.end();
    expect(await natsUrl(place)).not.toBe(before);
    for (const key of writing.acknowledged) {
      expect(await post('kv-key-get', { bucket: 'b', key })).toMatchObject({
        data: { value: key.replace('k', 'v') },
      });
    }
    await eventually(async () => expect(await getAttached('k0')).toMatchObject({ value: 'v0' }), {
      within: 20_000,
    });
    const { stdout } = await place.run(['invoke', 'kv-key-get', '{"bucket":"b","key":"k0"}']);
    expect(JSON.parse(stdout)).toMatchObject({ value: 'v0' });
    await taker.checkUntouched?.();
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(await natsPid(place.dataDir)).toBe(0);
  },
  60_000,
);

test('attached - a kvflow that was killed and started again, with another password, is found again', async () => {
  await using place = await makePlace();
  const first = await place.start();
  await using attached = await startStdio(place);
  const list = () => attached.client.callTool({ name: 'kv-bucket-list', arguments: {} });
  await attached.client.callTool({ name: 'kv-bucket-create', arguments: { bucket: 'kept' } });
  first.child.kill('SIGKILL');
  await first.ended;
  await place.start();
  const kept = expect.objectContaining({ bucket: 'kept' });
  await eventually(
    async () =>
      expect((await list()).structuredContent).toMatchObject({ buckets: expect.arrayContaining([kept]) }),
    { within: 20_000 },
  );
}, 60_000);

function poster(url: string) {
  return async (name: string, input: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(input);
    const answer = await fetch(`${url}/functions/${name}/invocations`, { method: 'POST', headers, body });
    return (await answer.json()) as Envelope;
  };
}

/** Writes one key after the other until told to end, and keeps which were acknowledged. */
function writeOn(post: ReturnType<typeof poster>) {
  const acknowledged: string[] = [];
  let done = false;
  const writing = (async () => {
    for (let i = 0; !done; i++) {
      const envelope = await post('kv-key-put', { bucket: 'b', key: `k${i}`, value: `v${i}` });
      if (!isFailure(envelope)) acknowledged.push(`k${i}`);
      else expect(['UNAVAILABLE', 'TIMEOUT']).toContain(envelope.error.code);
    }
  })();
  const end = async () => {
    done = true;
    await writing;
  };
  return { acknowledged, end };
}

async function natsUrl({ dataDir }: Place): Promise<string> {
  return (await readRunning(dataDir))?.natsUrl ?? '';
}

/** The last threads of a killed process may hold it for a moment. */
async function portIsFree(url: string): Promise<void> {
  await eventually(async () => (await silentProgram(portOf(url)))[Symbol.asyncDispose]());
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

async function silentProgram(port: number): Promise<Taker> {
  const open = new Set<Socket>();
  const server = createServer(socket => open.add(socket.on('error', () => undefined)));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { [Symbol.asyncDispose]: close };
}

async function foreignNats(port: number): Promise<Taker> {
  const nats = await startNats({ port });
  const checkUntouched = async () => {
    await using official = await connectOfficial(nats.url);
    expect(await official.jsm.streams.list().next()).toEqual([]);
  };
  return { checkUntouched, [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose]() };
}
