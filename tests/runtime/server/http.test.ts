import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { sendRaw, startServer } from './helpers.ts';

const INVOKE = '/functions/echo/invocations';
const JSON_TYPE = { 'content-type': 'application/json' };
const ID = /^[0-9a-f-]{18}-[0-9a-z]{6}$/;

test('http - an invocation answers the envelope, and an id of our own making', async () => {
  await using server = await startServer();
  const answer = await server.post(INVOKE, { a: 1 }, { 'x-invocation-id': 'mine', 'request-id': 'mine' });
  expect(answer).toMatchObject({ status: 200, json: { status_code: 200, data: { a: 1 } } });
  expect(answer.headers['x-invocation-id']).toMatch(ID);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  // On a terminal the next prompt stands in a line of its own.
  expect(answer.text).toBe('{"status_code":200,"data":{"a":1}}\n');
});

test('http - no body is no input; null is checked like any other', async () => {
  await using server = await startServer();
  expect((await server.send({ method: 'POST', path: INVOKE })).json).toEqual({ status_code: 200, data: {} });
  expect((await server.post(INVOKE, '')).json).toEqual({ status_code: 200, data: {} });
  expect((await server.post(INVOKE, 'null')).json.error.code).toBe('INVALID_INPUT');
});

test('http - brackets in strings do not count as depth', async () => {
  await using server = await startServer();
  const a = `${'[{'.repeat(2_000)}\\" ${'\\'.repeat(7)}`;
  expect((await server.post(INVOKE, { a, b: '\\' })).json.data.a).toBe(a);
});

test('http - __proto__ and constructor in a body are data, and change nothing else', async () => {
  await using server = await startServer();
  const body =
    '{"a":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}},"__proto__":[1]}';
  const answer = await server.post(INVOKE, body);
  expect(answer.text).toBe(`{"status_code":200,"data":${body}}\n`);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('http - a byte order mark is no fault', async () => {
  await using server = await startServer();
  expect((await server.post(INVOKE, '\ufeff{"a":1}')).json.data).toEqual({ a: 1 });
});

test('http - a body at the limit is taken, one byte more is PAYLOAD_TOO_LARGE, with and without content-length', async () => {
  await using server = await startServer({}, { bodyLimit: 1_000 });
  const body = JSON.stringify({ a: 'x'.repeat(992) });
  expect((await server.post(INVOKE, body)).status).toBe(200);
  const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
  for (const headers of [JSON_TYPE, chunked]) {
    const answer = await server.send({ method: 'POST', path: INVOKE, headers, body: `${body} ` });
    expect(answer).toMatchObject({
      status: 413,
      json: { error: { code: 'PAYLOAD_TOO_LARGE', details: { limit: 1_000 } } },
    });
  }
});

test('http - a huge declared body is refused before it is sent', async () => {
  await using server = await startServer();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    `POST ${INVOKE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n`,
  );
  const [chunk] = await once(socket, 'data');
  expect(String(chunk)).toMatch(/^HTTP\/1.1 413 [\s\S]*PAYLOAD_TOO_LARGE/);
  socket.destroy();
});

test.each([
  ['what is no HTTP', 'HELLO\r\n\r\n'],
  [
    'two content-lengths',
    'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
  ],
  [
    'length and chunks',
    'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  ],
  ['endless headers', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`],
])('http - %s is answered in the same form and hung up on', async (_name, text) => {
  await using server = await startServer();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(answer).toMatch(/x-invocation-id: \S+/);
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
    status_code: 400,
    error: { code: 'INVALID_INPUT' },
  });
});

test.each([
  ['no Host', '', 400, 'INVALID_INPUT'],
  ['an Expect of its own', 'host: localhost\r\nexpect: a-cookie\r\n', 400, 'INVALID_INPUT'],
  [
    'a body that is packed for the way',
    'host: localhost\r\ntransfer-encoding: gzip, chunked\r\n',
    501,
    'UNSUPPORTED',
  ],
])(
  'http - %s is answered in the same form, before anything is called',
  async (_name, lines, status, code) => {
    const calls: unknown[] = [];
    await using server = await startServer({ note: { run: async input => calls.push(input) } });
    const socket = connect(server.port, '127.0.0.1');
    const body = lines.includes('chunked') ? '2\r\n{}\r\n0\r\n\r\n' : '{}';
    const length = lines.includes('chunked') ? '' : 'content-length: 2\r\n';
    const type = 'content-type: application/json\r\n';
    socket.write(
      `POST /functions/note/invocations HTTP/1.1\r\n${lines}${type}${length}connection: close\r\n\r\n${body}`,
    );
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/x-invocation-id: \S+/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      status_code: status,
      error: { code },
    });
    expect(calls).toEqual([]);
  },
);

test('http - a client of HTTP/2 is told so at once, and its connection ends though it leaves its side open', async () => {
  await using server = await startServer();
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise(resolve => socket.once('close', resolve));
  // What is sent to a connection that has ended.
  socket.on('error', () => undefined);
  let answer = '';
  socket.setEncoding('latin1').on('data', part => {
    answer += part;
  });
  const settings = '\0\0\0\x04\0\0\0\0\0';
  socket.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${settings}`);
  await once(socket, 'end');
  expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*this is HTTP\/2/);
  const sending = setInterval(() => socket.write(settings), 20);
  await closed;
  clearInterval(sending);
});

test('http - who takes kvflow for a proxy is told that it is none', async () => {
  await using server = await startServer();
  const socket = connect(server.port, '127.0.0.1');
  socket.write('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1.1 405 Method Not Allowed\r\n[\s\S]*x-invocation-id: \S+/);
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
    error: { code: 'METHOD_NOT_ALLOWED' },
  });
});

test('http - a body after 100-continue, and HTTP/1.0 without Host, are no fault of HTTP', async () => {
  await using server = await startServer();
  for (const [version, lines] of [
    ['1.1', 'host: localhost\r\nexpect: 100-Continue\r\n'],
    ['1.0', ''],
  ]) {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `POST ${INVOKE} HTTP/${version}\r\n${lines}content-type: application/json\r\ncontent-length: 7\r\nconnection: close\r\n\r\n{"a":1}`,
    );
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toContain(version === '1.0' ? '"FORBIDDEN"' : '"data":{"a":1}');
  }
});

test('http - errors of functions keep their status; a throw of anything else says nothing', async () => {
  const conflict = () =>
    Promise.reject(new PackError('REVISION_CONFLICT', 'no', { details: { current_revision: 7 } }));
  const crash = () => Promise.reject(new Error('secret path /etc/x'));
  await using server = await startServer({ conflict: { run: conflict }, crash: { run: crash } });
  expect(await server.post('/functions/conflict/invocations', {})).toMatchObject({
    status: 409,
    json: { error: { details: { current_revision: 7 } } },
  });
  const answer = await server.post('/functions/crash/invocations', {});
  expect(answer).toMatchObject({ status: 500, json: { status_code: 500, error: { code: 'INTERNAL' } } });
  expect(answer.text).not.toContain('secret');
});

test('http - x-timeout-ms shortens the deadline and never lengthens it', async () => {
  const left = async (_input: unknown, ctx: { deadline: number }) => ctx.deadline - Date.now();
  await using server = await startServer({ left: { run: left, timeoutMs: 5_000 } });
  const ms = async (header: string) =>
    (await server.post('/functions/left/invocations', {}, { 'x-timeout-ms': header })).json.data;
  expect(await ms('1000')).toBeLessThanOrEqual(1_000);
  for (const much of ['999999', '10000000000', '9'.repeat(400)]) {
    const given = await ms(much);
    expect([given > 4_000, given <= 5_000]).toEqual([true, true]);
  }
});

test('http - HEAD is answered, and a plugin of later days is guarded and formed like our own routes', async () => {
  const plugin = async (app: { get(path: string, handler: () => Promise<never>): unknown }) => {
    app.get('/later', async () => {
      throw new Error('secret');
    });
  };
  await using server = await startServer({}, { plugins: [plugin as never] });
  expect((await server.send({ method: 'HEAD', path: '/functions' })).status).toBe(200);
  const answer = await server.get('/later');
  expect(answer).toMatchObject({ status: 500, json: { status_code: 500, error: { code: 'INTERNAL' } } });
  expect(answer.text).not.toContain('secret');
  expect((await sendRaw(server.port, { path: '/later', headers: { host: 'evil.example' } })).status).toBe(
    403,
  );
});

test.each([
  ['application/vnd.kvflow+json', 'utf8'],
  ['application/json;charset=UTF-8', 'utf8'],
  ['application/json; charset="utf-8"', 'utf8'],
  ['Application/JSON; charset=utf-16le', 'utf16le'],
  ['application/ld+json; charset=iso-8859-1', 'latin1'],
] as const)('http - a body of %s is read as what it says', async (type, encoding) => {
  await using server = await startServer();
  const { status, json } = await server.send({
    method: 'POST',
    path: INVOKE,
    headers: { 'content-type': type },
    body: Buffer.from('{"a":"Grüße"}', encoding),
  });
  expect([status, json.data]).toEqual([200, { a: 'Grüße' }]);
});

test.each([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
] as const)('http - an answer above 1 kB is sent as %s where asked for', async (encoding, unpack) => {
  await using server = await startServer();
  const asked = async (text: string, accept: string) => {
    const headers = { ...JSON_TYPE, 'accept-encoding': accept };
    const answer = await fetchRaw(server.url + INVOKE, headers, JSON.stringify({ text }));
    return { ...answer, encoding: answer.headers['content-encoding'] };
  };
  const packed = await asked('x'.repeat(5_000), encoding);
  expect([packed.encoding, packed.headers.vary]).toEqual([encoding, 'accept-encoding']);
  expect(JSON.parse(String(unpack(packed.body))).data.text).toHaveLength(5_000);
  expect(packed.body.length).toBeLessThan(500);
  expect((await asked('x'.repeat(5_000), 'identity')).encoding).toBeUndefined();
  expect((await asked('x', encoding)).encoding).toBeUndefined();
});

/** As `fetch`, which unpacks by itself, does not. */
async function fetchRaw(url: string, headers: Record<string, string>, body: string) {
  const outgoing = request(url, { method: 'POST', headers }).end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { headers: response.headers, body: Buffer.concat(chunks) };
}
