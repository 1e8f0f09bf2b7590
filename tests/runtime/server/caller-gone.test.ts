import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { PATIENCE } from '../../support/patience.ts';
import { makePlace } from '../transports/cli/kvflow-process.ts';
import { startServer } from './helpers.ts';

test('transform - a client that goes away ends its call, and its worker serves the next at once', async () => {
  await using place = await makePlace();
  const { url } = await place.start();
  const call = (script: string, signal: AbortSignal) =>
    fetch(`${url}/functions/transform/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ script, events: Array(20).fill({}), timeout_ms: 30_000 }),
      signal,
    });
  const busy = 'const t = Date.now(); while (Date.now() - t < 29000); return {}';
  for (let i = 0; i < 6; i++)
    await expect(call(busy, AbortSignal.timeout(i === 0 ? 1_500 : 300))).rejects.toThrow(/abort|timeout/i);
  const answer = await call('return { done: true }', AbortSignal.timeout(15_000 * PATIENCE));
  expect(answer.status).toBe(200);
});

/** A call that may take a minute, and ends when it is told to. */
async function startSlow() {
  const go = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<AbortSignal | undefined>();
  const server = await startServer({
    slow: {
      timeoutMs: 60_000,
      run: async (_input, { signal }) => {
        begun.resolve(signal);
        await go.promise;
        return { done: true };
      },
    },
  });
  const ask = () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setEncoding('utf8').on('error', () => undefined);
    const head =
      'POST /functions/slow/invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
    socket.write(`${head}Content-Length: 2\r\n\r\n{}`);
    return socket;
  };
  return { server, go, begun: begun.promise, ask };
}

test('server - a client that only ended its side is answered, however long the call takes', async () => {
  const { server, go, begun, ask } = await startSlow();
  const socket = ask();
  socket.end();
  const signal = await begun;
  const [interim] = await once(socket, 'data');
  expect([interim, signal?.aborted]).toEqual([expect.stringMatching(/^HTTP\/1.1 102 /), false]);
  go.resolve();
  let rest = '';
  while (!rest.includes('"done":true')) rest += (await once(socket, 'data'))[0];
  expect(rest).toContain('HTTP/1.1 200 ');
  socket.destroy();
  await server[Symbol.asyncDispose]();
});

test('server - a call whose client is gone is told so', async () => {
  const { server, go, begun, ask } = await startSlow();
  const socket = ask();
  const signal = await begun;
  socket.destroy();
  if (signal?.aborted === false) await once(signal, 'abort');
  expect(signal?.aborted).toBe(true);
  go.resolve();
  await server[Symbol.asyncDispose]();
});
