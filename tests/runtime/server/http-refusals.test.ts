/** What is refused over HTTP, and how it is told. */
import { expect, test } from '@jest/globals';
import type { Sent } from './helpers.ts';
import { startServer } from './helpers.ts';

const INVOKE = '/functions/echo/invocations';
const JSON_TYPE = { 'content-type': 'application/json' };
const ID = /^[0-9a-f-]{18}-[0-9a-z]{6}$/;

const wrong: [string, Sent, number, string, string][] = [
  ['no such route', { path: '/nothing' }, 404, 'ROUTE_NOT_FOUND', '/functions/{name}/invocations'],
  [
    'no such function',
    { method: 'POST', path: '/functions/nope/invocations', headers: JSON_TYPE, body: '{}' },
    404,
    'FUNCTION_NOT_FOUND',
    'nope',
  ],
  [
    'a name of Object.prototype',
    { method: 'POST', path: '/functions/__proto__/invocations', headers: JSON_TYPE, body: '{}' },
    404,
    'FUNCTION_NOT_FOUND',
    '__proto__',
  ],
  [
    'a function that is not there',
    { path: '/functions/constructor' },
    404,
    'FUNCTION_NOT_FOUND',
    'constructor',
  ],
  ['the wrong method', { path: INVOKE }, 405, 'METHOD_NOT_ALLOWED', 'use POST'],
  ['DELETE on a list', { method: 'DELETE', path: '/functions' }, 405, 'METHOD_NOT_ALLOWED', 'use GET'],
  ['an unknown method', { method: 'PURGE', path: '/functions' }, 405, 'METHOD_NOT_ALLOWED', 'use GET'],
  ['a bad address', { path: '/functions/%zz' }, 400, 'INVALID_INPUT', 'hex digits'],
  [
    'text',
    { method: 'POST', path: INVOKE, headers: { 'content-type': 'text/plain' }, body: '{}' },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    `POST ${INVOKE} takes content-type: application/json`,
  ],
  [
    'a form',
    {
      method: 'POST',
      path: INVOKE,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'application/json',
  ],
  [
    'no content type',
    { method: 'POST', path: INVOKE, body: '{}' },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'application/json',
  ],
  [
    'a charset that is none',
    {
      method: 'POST',
      path: INVOKE,
      headers: { 'content-type': 'application/json; charset=klingon' },
      body: '{}',
    },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    '"klingon" is not known',
  ],
  [
    'bytes that are no text of their charset',
    {
      method: 'POST',
      path: INVOKE,
      headers: { 'content-type': 'application/json; charset=shift_jis' },
      body: Buffer.from([0x22, 0x81, 0x22]),
    },
    400,
    'INVALID_INPUT',
    'charset',
  ],
  [
    'a lookalike content type',
    { method: 'POST', path: INVOKE, headers: { 'content-type': 'application/jsonx' }, body: '{}' },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'application/json',
  ],
  [
    'broken JSON',
    { method: 'POST', path: INVOKE, headers: JSON_TYPE, body: '{\n  "a": }' },
    400,
    'INVALID_INPUT',
    'line 2, column 8 has "}"',
  ],
  [
    'cut JSON',
    { method: 'POST', path: INVOKE, headers: JSON_TYPE, body: '{"a":"b' },
    400,
    'INVALID_INPUT',
    'line 1, column 8 has the end',
  ],
  [
    'bytes',
    { method: 'POST', path: INVOKE, headers: JSON_TYPE, body: Buffer.from([0x22, 0xff, 0x22]) },
    400,
    'INVALID_INPUT',
    'not UTF-8',
  ],
  [
    'compressed bytes',
    {
      method: 'POST',
      path: INVOKE,
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      body: Buffer.from([0x1f, 0x8b]),
    },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'uncompressed',
  ],
  [
    'deep JSON',
    {
      method: 'POST',
      path: INVOKE,
      headers: JSON_TYPE,
      body: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    },
    400,
    'INVALID_INPUT',
    '500 deep',
  ],
  [
    'an array as input',
    { method: 'POST', path: INVOKE, headers: JSON_TYPE, body: '[]' },
    400,
    'INVALID_INPUT',
    'must be object',
  ],
  [
    'a timeout in words',
    { method: 'POST', path: INVOKE, headers: { ...JSON_TYPE, 'x-timeout-ms': '1s' }, body: '{}' },
    400,
    'INVALID_INPUT',
    'x-timeout-ms',
  ],
  [
    'no time at all',
    { method: 'POST', path: INVOKE, headers: { ...JSON_TYPE, 'x-timeout-ms': '0' }, body: '{}' },
    400,
    'INVALID_INPUT',
    'x-timeout-ms',
  ],
];

test.each(wrong)(
  'http - %s: an envelope that says what to change',
  async (_name, sent, status, code, words) => {
    await using server = await startServer();
    const answer = await server.send(sent);
    expect(answer.json).toMatchObject({ status_code: status, error: { code, retryable: false } });
    expect(answer.json.error.message).toContain(words);
    expect(answer.status).toBe(status);
    expect(answer.headers['x-invocation-id']).toMatch(ID);
    if (status === 405) expect(answer.headers.allow).toMatch(/GET|POST/);
    if (code === 'INVALID_INPUT') expect(answer.json.error.errors.length).toBeGreaterThan(0);
  },
);
