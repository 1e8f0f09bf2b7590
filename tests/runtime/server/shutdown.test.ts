import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { startServer } from './helpers.ts';

const SLOW = '/functions/slow/invocations';

function gated() {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const run = async () => {
    entered.resolve();
    await gate.promise;
    return 'done';
  };
  return { run, entered: entered.promise, open: gate.resolve };
}

test('shutdown - takes no more connections, ends what runs, then closes', async () => {
  const slow = gated();
  const { server, post, port, get } = await startServer({ slow });
  const running = post(SLOW, {});
  await slow.entered;
  const closed = server.close();
  await expect(get('/healthz')).rejects.toThrow('ECONNREFUSED');
  slow.open();
  expect((await running).json.data).toBe('done');
  await closed;
  await server.close();
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('shutdown - what does not end in time is cut off', async () => {
  const slow = gated();
  const { server, post } = await startServer({ slow }, { shutdownGraceMs: 50 });
  const running = post(SLOW, {}).catch((error: NodeJS.ErrnoException) => error.code);
  await slow.entered;
  await server.close();
  expect(await running).toBe('ECONNRESET');
});

test('shutdown - a connection that is kept alive and idle does not hold it up', async () => {
  const { server, port } = await startServer();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'data');
  const hungUp = once(socket, 'close');
  await server.close();
  await hungUp;
});

test('shutdown - under load every request that was taken is answered, and clients are told to go', async () => {
  let calls = 0;
  const half = Promise.withResolvers<void>();
  const work = async () => {
    if (++calls === 200) half.resolve();
    await new Promise(resolve => setImmediate(resolve));
    return {};
  };
  const { server, port } = await startServer({ work: { run: work } });
  const outcomes = await Promise.all([
    ...Array.from({ length: 20 }, () => client(port)),
    half.promise.then(() => server.close()).then(() => ({ answered: 0, lost: 0, last: 'close' })),
  ]);
  expect(outcomes.reduce((sum, one) => sum + one.answered, 0)).toBe(calls);
  expect(outcomes.map(one => one.lost)).toEqual(outcomes.map(() => 0));
  expect(new Set(outcomes.map(one => one.last))).toEqual(new Set(['close']));
});

test('shutdown - a POST that comes on an idle connection as the server begins to close is answered, with its end', async () => {
  let calls = 0;
  const { server, port } = await startServer({ work: { run: async () => ({ calls: ++calls }) } });
  const post = 'POST /functions/work/invocations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n';
  const socket = connect(port, '127.0.0.1');
  socket.write(post);
  await once(socket, 'data');
  const closed = server.close();
  // Sent before its client could know.
  socket.write(post);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*"calls":2/i);
  await once(socket, 'close');
  await closed;
});

/** Calls on one connection, again and again, until it is told that the connection ends. */
async function client(port: number): Promise<{ answered: number; lost: number; last: string | undefined }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let answered = 0;
  for (;;) {
    const sent = request({
      agent,
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/functions/work/invocations',
    });
    sent.end();
    try {
      const [response] = await once(sent, 'response');
      response.resume();
      await once(response, 'end');
      answered++;
      if (response.headers.connection === 'close') return { answered, lost: 0, last: 'close' };
    } catch {
      return { answered, lost: 1, last: undefined };
    }
  }
}

test('shutdown - readiness is gone before the server is', async () => {
  const slow = gated();
  const { server, port, post } = await startServer({ slow });
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const running = post(SLOW, {});
  await slow.entered;
  const closed = server.close();
  socket.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close[\s\S]*shutting down/i);
  slow.open();
  await running;
  await closed;
});
