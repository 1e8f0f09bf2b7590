/** What is refused over HTTP, and how it is told. */
import { expect, test } from '@jest/globals';
import type { Sent } from './helpers.ts';
import { startServer } from './helpers.ts';

const INVOKE = '/functions/echo/invocations';
const JSON_TYPE = { 'content-type': 'application/json' };
const ID = /^[0-9a-f-]{18}-[0-9a-z]{6}$/;

/** A call of echo with this body. */
const posted = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE, path = INVOKE): Sent => ({
  method: 'POST',
  path,
  headers,
  body,
});
const typed = (type: string) => ({ 'content-type': type });
const WRONG_TYPE = 'UNSUPPORTED_MEDIA_TYPE';
const DEEP = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
const JAPANESE = typed('application/json; charset=shift_jis');
const nope = posted('{}', JSON_TYPE, '/functions/nope/invocations');
const proto = posted('{}', JSON_TYPE, '/functions/__proto__/invocations');
const zipped = posted(Buffer.from([0x1f, 0x8b]), { ...JSON_TYPE, 'content-encoding': 'gzip' });
const within = (ms: string) => posted('{}', { ...JSON_TYPE, 'x-timeout-ms': ms });

const wrong: [string, Sent, number, string, string][] = [
  ['no such route', { path: '/nothing' }, 404, 'ROUTE_NOT_FOUND', '/functions/{name}/invocations'],
  ['no such function', nope, 404, 'FUNCTION_NOT_FOUND', 'nope'],
  ['a name of Object.prototype', proto, 404, 'FUNCTION_NOT_FOUND', '__proto__'],
  [
    'a function that is not there',
    { path: '/functions/constructor' },
    404,
    'FUNCTION_NOT_FOUND',
    'constructor',
  ],
  ['the wrong method', { path: INVOKE }, 405, 'METHOD_NOT_ALLOWED', 'use POST'],
  ['DELETE on a list', { method: 'DELETE', path: '/functions' }, 405, 'METHOD_NOT_ALLOWED', 'use GET'],
  [
    'a call without its last word',
    { method: 'POST', path: '/functions/kv-key-get', body: '{}' },
    405,
    'METHOD_NOT_ALLOWED',
    'A call goes to POST /functions/kv-key-get/invocations.',
  ],
  ['an unknown method', { method: 'PURGE', path: '/functions' }, 405, 'METHOD_NOT_ALLOWED', 'use GET'],
  ['a bad address', { path: '/functions/%zz' }, 400, 'INVALID_INPUT', 'hex digits'],
  [
    'text',
    posted('{}', typed('text/plain')),
    415,
    WRONG_TYPE,
    `POST ${INVOKE} takes content-type: application/json`,
  ],
  ['a form', posted('a=1', typed('application/x-www-form-urlencoded')), 415, WRONG_TYPE, 'application/json'],
  ['no content type', { method: 'POST', path: INVOKE, body: '{}' }, 415, WRONG_TYPE, 'application/json'],
  [
    'a charset that is none',
    posted('{}', typed('application/json; charset=klingon')),
    415,
    WRONG_TYPE,
    '"klingon" is not known',
  ],
  [
    'bytes that are no text of their charset',
    posted(Buffer.from([0x22, 0x81, 0x22]), JAPANESE),
    400,
    'INVALID_INPUT',
    'charset',
  ],
  ['a lookalike content type', posted('{}', typed('application/jsonx')), 415, WRONG_TYPE, 'application/json'],
  ['broken JSON', posted('{\n  "a": }'), 400, 'INVALID_INPUT', 'line 2, column 8 has "}"'],
  ['cut JSON', posted('{"a":"b'), 400, 'INVALID_INPUT', 'line 1, column 8 has the end'],
  ['bytes', posted(Buffer.from([0x22, 0xff, 0x22])), 400, 'INVALID_INPUT', 'not UTF-8'],
  ['compressed bytes', zipped, 415, WRONG_TYPE, 'uncompressed'],
  ['deep JSON', posted(DEEP), 400, 'INVALID_INPUT', '500 deep'],
  ['an array as input', posted('[]'), 400, 'INVALID_INPUT', 'must be object'],
  ['a timeout in words', within('1s'), 400, 'INVALID_INPUT', 'x-timeout-ms'],
  ['no time at all', within('0'), 400, 'INVALID_INPUT', 'x-timeout-ms'],
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
