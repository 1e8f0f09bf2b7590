/**
 * Bytes that are nearly HTTP requests, sent to the server as they are: each is answered by a status below 500 (or one that
 * says "not now", "not here") or by the end of the connection, and the server serves on. KVFLOW_FUZZ_RUNS and KVFLOW_FUZZ_SEED as in
 * functions.test.ts.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';
import { PATIENCE } from '../support/patience.ts';
import type { Random } from '../support/random.ts';
import { createRandom } from '../support/random.ts';
import { seedOf } from '../support/seed.ts';
import { serve } from '../support/served.ts';

const RUNS = Number(process.env.KVFLOW_FUZZ_RUNS ?? 600);
const SEED = seedOf('KVFLOW_FUZZ_SEED');
const AT_ONCE = 16;
const WAIT_MS = 5_000 * PATIENCE;

const METHODS = [
  'GET',
  'POST',
  'POST',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'get',
  'FOO',
  '',
];
const PATHS = [
  '/functions/kv-key-put/invocations',
  '/functions/kv-key-get/invocations',
  '/functions/kv-bucket-list/invocations',
  '/functions/__proto__/invocations',
  '/invocations',
  '/buckets/b/keys/a',
  '/buckets/b/keys/a%2Fb',
  '/buckets/b/keys/%E0%A4%A',
  '/buckets/b/export',
  '/buckets/b/import?on_conflict=skip',
  '/buckets/../../keys/a',
  '/buckets/b/watch?start=never',
  '/openapi.json',
  '/healthz',
  '/readyz',
  '/metrics',
  '/access',
  '/mcp',
  '/',
  '//',
  '*',
  'http://elsewhere/functions',
  '/%00',
  '/?%',
  '/functions?a=1&a=2&__proto__=3',
];
const BODIES = [
  '',
  '{}',
  'null',
  '{"bucket":"b","key":"a"}',
  '{"bucket":"b","key":"a","value":"x"}',
  '{"bucket":"b","key":"a","value":"x"',
  '{"items":[{"function":"kv-key-get","input":{"bucket":"b","key":"a"}},{},null,7]}',
  '{"items":{}}',
  '[1,2',
  '"\\ud800"',
  '1e999',
  '{"__proto__":{"bucket":"b"}}',
  '\u0000',
  '\ufeff{}',
  '['.repeat(20_000),
  `{"a":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`,
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"kv-key-get","arguments":null}}',
  'x'.repeat(70_000),
];
const HEADERS = [
  'content-type: application/json',
  'content-type: application/json',
  'content-type: application/json; charset=utf-16',
  'content-type: text/plain',
  'content-type: ;;;',
  'content-type: application/x-ndjson',
  'content-encoding: gzip',
  'accept: text/event-stream',
  'accept: application/json, text/event-stream',
  'expect: 100-continue',
  'expect: the-unexpected',
  'idempotency-key: k',
  `idempotency-key: ${'k'.repeat(2_000)}`,
  'x-timeout-ms: -1',
  'x-timeout-ms: 1e9',
  'x-timeout-ms: 1',
  'authorization: Bearer',
  'authorization: Basic !!!',
  'range: bytes=0-0,5-',
  'range: bytes=-',
  'if-match: "1"',
  'if-none-match: *',
  'kvflow-ttl: soon',
  'last-event-id: 9999999999999999999999',
  'upgrade: websocket\r\nconnection: upgrade',
  'host: again',
  'transfer-encoding: chunked',
  'transfer-encoding: identity, chunked',
  'content-length: 5',
  'content-length: 99999999999',
  'content-length: -1',
  `x-long: ${'y'.repeat(20_000)}`,
  'x-odd: \u00e9\u0001',
  'no colon',
  ': no name',
  ' folded: x',
];

test(
  'http - whatever is sent, the server answers what is wrong with it and serves on',
  async () => {
    console.info(`fuzz of http: seed ${SEED}`);
    const random = createRandom(SEED);
    await using k = await startKvflow();
    await k.call('kv-bucket-create', { bucket: 'b' });
    const faults: string[] = [];
    const errors: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (...args: unknown[]) => errors.push(args),
    };
    await using served = await serve(k, { log: log as never });
    const left: unknown[] = [];
    const onLeft = (reason: unknown) => left.push(reason);
    process.on('unhandledRejection', onLeft);
    const port = Number(new URL(served.url).port);
    let sent = 0;
    const lane = async () => {
      while (sent++ < RUNS) {
        const bytes = requestOf(random);
        const answer = await exchange(port, bytes);
        const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? 0);
        const isFault = (answer !== '' && status === 0) || status === 500 || answer.includes('"INTERNAL"');
        if (isFault)
          faults.push(`${answer.slice(0, 400)}\n  ${JSON.stringify(bytes.toString('latin1').slice(0, 400))}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    process.off('unhandledRejection', onLeft);
    expect(faults).toEqual([]);
    expect(left).toEqual([]);
    expect(errors).toEqual([]);
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
  },
  60_000 + RUNS * 50,
);

function requestOf(random: Random): Buffer {
  const body = random.pick(BODIES);
  const headers = Array.from({ length: random.below(4) }, () => random.pick(HEADERS));
  if (random.chance(0.9)) headers.unshift('host: kvflow');
  if (random.chance(0.8)) headers.push(`content-length: ${Buffer.byteLength(body)}`);
  const line = `${random.pick(METHODS)} ${random.pick(PATHS)} HTTP/${random.chance(0.95) ? '1.1' : random.pick(['1.0', '2.0', '9'])}`;
  const text = `${line}\r\n${headers.map(header => `${header}\r\n`).join('')}\r\n${body}`;
  const bytes = Buffer.from(text, random.chance(0.5) ? 'utf8' : 'latin1');
  if (random.chance(0.1)) return bytes.subarray(0, random.below(bytes.length));
  if (random.chance(0.1)) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** Sends the bytes, ends, and answers what came until the server ended too; a stream is left after its first bytes. */
async function exchange(port: number, bytes: Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('error', () => undefined);
  socket.on('data', data => {
    answer += data.toString('latin1');
    if (answer.includes('text/event-stream')) socket.destroy();
  });
  socket.setTimeout(WAIT_MS, () => socket.destroy());
  socket.end(bytes);
  await once(socket, 'close');
  return answer;
}
