/** What the server tells of itself: its log, its health, its metrics, its functions. */
import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { flowsRoute } from '../../../runtime/server/routes/flows.ts';
import { OPEN, startServer } from './helpers.ts';

const INVOKE = '/functions/echo/invocations';

test('http - one log line per invocation, without inputs', async () => {
  await using server = await startServer({
    crash: { run: () => Promise.reject(new PackError('UNAVAILABLE', 'x')) },
  });
  const { headers } = await server.post(INVOKE, { password: 'hunter2' }, { authorization: 'Bearer hunter2' });
  await server.post('/functions/crash/invocations', {});
  expect(server.lines).toEqual([
    {
      function: 'echo',
      status_code: 200,
      code: 'OK',
      ms: expect.any(Number),
      key: 'local',
      invocation_id: headers['x-invocation-id'],
    },
    expect.objectContaining({ function: 'crash', status_code: 503, code: 'UNAVAILABLE' }),
  ]);
});

test('http - readiness follows NATS, liveness does not', async () => {
  let health: () => Promise<never> = async () => ({ ready: false, reason: 'NATS is out of reach' }) as never;
  await using server = await startServer({}, { health: () => health() });
  expect(await server.get('/healthz')).toMatchObject({
    status: 200,
    json: { data: { status: 'ok', version: '1.2.3' } },
  });
  const answer = await server.get('/readyz');
  expect(answer).toMatchObject({ status: 503, json: { error: { code: 'UNAVAILABLE', retryable: true } } });
  expect(answer.json.error.message).toContain('NATS is out of reach');
  health = () => Promise.reject(new Error('nats://user:secret@host'));
  expect((await server.get('/readyz')).text).not.toContain('secret');
  health = async () => ({ ready: true }) as never;
  expect((await server.get('/readyz')).status).toBe(200);
});

test('http - metrics count by function and code, and do not grow with names that callers make up', async () => {
  await using server = await startServer({
    crash: { run: () => Promise.reject(new PackError('UNAVAILABLE', 'x')) },
  });
  await server.post(INVOKE, {});
  await server.post(INVOKE, {});
  await server.post('/functions/crash/invocations', {});
  await server.post('/functions/made-up/invocations', {});
  await server.get('/nothing');
  const { text, headers } = await server.get('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(text).toContain('kvflow_invocations_total{function="echo",code="OK"} 2');
  expect(text).toContain('kvflow_invocations_total{function="crash",code="UNAVAILABLE"} 1');
  expect(text).toContain('kvflow_invocations_total{function="unknown",code="FUNCTION_NOT_FOUND"} 1');
  expect(text).toContain('# TYPE kvflow_invocation_duration_seconds histogram');
  expect(text).toContain('kvflow_invocation_duration_seconds_count{function="echo"} 2');
  expect(text).toContain('kvflow_invocation_duration_seconds_bucket{le="+Inf",function="echo"} 2');
  expect(text).toMatch(/^kvflow_invocation_duration_seconds_sum\{function="echo"\} 0\.\d+$/m);
  for (const line of text.trim().split('\n')) expect(line).toMatch(/^(#.*|[a-z0-9_]+(\{.*\})? \S+|)$/);
  expect(text).toContain('kvflow_http_refused_total{code="ROUTE_NOT_FOUND"} 1');
  expect(text).toContain('kvflow_invocations_in_flight 0');
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).not.toContain('made-up');
});

test('http - functions are listed and described', async () => {
  await using server = await startServer();
  expect((await server.get('/functions')).json).toEqual({
    functions: [
      {
        name: 'echo',
        title: 'echo',
        description: 'Does echo.',
        category: 'test',
        annotations: { readOnly: false, destructive: false, idempotent: false },
      },
    ],
  });
  const { json } = await server.get('/functions/echo');
  expect(json).toMatchObject({
    name: 'echo',
    input: { type: 'object' },
    output: { type: 'object' },
    errors: [],
    examples: [{ title: 'One' }],
  });
});

test.each(['h2c', 'websocket'])('http - who would like %s is answered in HTTP/1.1', async upgrade => {
  const editor = { handle: () => Promise.reject(new Error('not here')), upgrade: () => undefined };
  await using server = await startServer({}, { plugins: [flowsRoute(editor, OPEN)] });
  const wish = { connection: 'Upgrade, HTTP2-Settings', 'http2-settings': 'AAMAAABkAAQAAP__', upgrade };
  const asked = request({ port: server.port, path: '/functions', headers: wish }).end();
  const [answer] = await once(asked, 'response');
  expect(answer.statusCode).toBe(200);
  answer.resume();
});
