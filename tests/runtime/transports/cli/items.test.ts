import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { nearest } from '../../../../runtime/transports/cli/did-you-mean.ts';
import { forAll } from '../../../support/for-all.ts';
import { freePort } from '../../../support/free-port.ts';
import { BEYOND_JSON, expectHostValues } from '../../../support/host-values.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { runner, startBothWays } from './in-process.ts';

const it = forAll(startBothWays);

const BYTES: [what: string, bytes: Uint8Array][] = [
  ['text', Buffer.from('grün')],
  ['nothing', Buffer.from('')],
  ['a line break at the end', Buffer.from('a\n')],
  ['bytes that are no UTF-8', Buffer.from([0x61, 0xff, 0x62])],
  ['half a character', Buffer.from([0xc3])],
  ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x61])],
  ['NUL', Buffer.from([0])],
  ['JSON with its spaces', Buffer.from('{ "a": 9007199254740993 }')],
];

test('put and get - every byte comes back, over HTTP and locally', async () => {
  await using folder = await tempDir();
  for (const [way, run] of it.ways) {
    const bucket = `bytes-${way}`;
    await it.kvflow.call('kv-bucket-create', { bucket });
    for (const [what, bytes] of BYTES) {
      expect([what, (await run(['put', `${bucket}/a/b`, '-'], bytes)).code]).toEqual([what, 0]);
      expect([what, (await run(['get', `${bucket}/a/b`])).out]).toEqual([what, Buffer.from(bytes)]);
      await writeFile(join(folder.path, 'file'), bytes);
      await run(['put', `${bucket}/file`, `@${join(folder.path, 'file')}`]);
      expect([what, (await run(['get', `${bucket}/file`])).out]).toEqual([what, Buffer.from(bytes)]);
    }
  }
});

test('put and invoke - every value is stored as in all hosts', async () => {
  for (const [way, run] of it.ways) {
    const put = async (key: string, value: unknown) => {
      const asJson = JSON.stringify({ bucket: 'values', key, value });
      if (typeof value === 'object' && !Buffer.isBuffer(value) && !(value instanceof Date))
        return await run(['invoke', 'kv-key-put', '-'], Buffer.from(asJson));
      const bytes = Buffer.isBuffer(value)
        ? value
        : value instanceof Date
          ? value.toISOString()
          : String(value);
      return await run(['put', `values/${key}`, '-'], Buffer.from(bytes));
    };
    await expectHostValues({ kvflow: it.kvflow, host: way, put, without: BEYOND_JSON });
  }
});

test('put - conditions, times and texts that look like something else', async () => {
  for (const [way, run] of it.ways) {
    const bucket = `put-${way}`;
    await it.kvflow.call('kv-bucket-create', { bucket, key_ttl: true });
    const first = await run(['put', `${bucket}/k`, 'one', '--if-absent']);
    expect(first).toMatchObject({ code: 0, text: '1\n', told: '' });
    expect(await run(['put', `${bucket}/k`, 'two', '--if-absent'])).toMatchObject({ code: 4, text: '' });
    expect(await run(['put', `${bucket}/k`, 'two', '--revision', '1'])).toMatchObject({ code: 0 });
    await run(['put', `${bucket}/at`, '--text', '@nobody']);
    expect(await run(['get', `${bucket}/at`])).toMatchObject({ text: '@nobody' });
    await run(['put', `${bucket}/minus`, '--', '-5']);
    for (const value of ['-5', '-0.5e3', '-.5', '-5 days']) {
      expect(await run(['put', `${bucket}/number`, value])).toMatchObject({ code: 0 });
      expect((await run(['get', `${bucket}/number`])).text).toBe(value);
    }
    expect(await run(['get', `${bucket}/minus`])).toMatchObject({ text: '-5' });
    const timed = await run(['put', `${bucket}/t`, 'x', '--ttl', '30m', '--json']);
    const ends = Date.parse((JSON.parse(timed.text) as { expires_at: string }).expires_at);
    expect(Math.round((ends - Date.now()) / 60_000)).toBe(30);
  }
});

test('ls and rm - keys with their pages and patterns; what is not there is exit code 3', async () => {
  for (const [way, run] of it.ways) {
    const bucket = `ls-${way}`;
    await it.kvflow.call('kv-bucket-create', { bucket });
    for (const group of ['u', 'w']) {
      const items = Array.from({ length: 700 }, (_, at) => ({ key: `${group}.${at}`, value: 'x' }));
      await it.kvflow.call('kv-key-put-many', { bucket, items });
    }
    expect((await run(['ls', bucket])).text.trimEnd().split('\n')).toHaveLength(1_400);
    expect((await run(['ls', `${bucket}/u.`])).text.trimEnd().split('\n')).toHaveLength(700);
    expect((await run(['ls', `${bucket}/*.7`])).text).toBe('u.7\nw.7\n');
    const [line = ''] = (await run(['ls', `${bucket}/u.7`, '--json'])).text.split('\n');
    expect(JSON.parse(line)).toMatchObject({ key: 'u.7', size: 1 });
    expect((await run(['ls'])).text.split('\n')).toContain(bucket);
    expect((await run(['ls', '--long'])).text).toMatch(new RegExp(`^${bucket} +1400 keys`, 'm'));
    expect(await run(['rm', `${bucket}/u.1`, `${bucket}/u.2`])).toMatchObject({ code: 0, text: '' });
    const again = await run(['rm', `${bucket}/u.1`, `${bucket}/u.3`]);
    expect(again).toMatchObject({ code: 3, told: `kvflow: not there: ${bucket}/u.1` });
    expect(await run(['rm', '--force', `${bucket}/u.3`])).toMatchObject({ code: 0 });
    expect(await run(['get', `${bucket}/u.3`])).toMatchObject({ code: 3, text: '' });
    expect(await run(['rm', '--purge', `${bucket}/u.4`])).toMatchObject({ code: 0 });
    expect(await run(['rm', '--purge', `${bucket}/u.4`])).toMatchObject({ code: 3 });
  }
});

const WRONG: [argv: string[], code: number, told: string][] = [
  [['get'], 2, 'Usage: kvflow get'],
  [['get', 'users'], 2, 'names no key'],
  [['get', '/k'], 2, 'names no bucket'],
  [['get', 'nowhere/k'], 3, 'nowhere'],
  [['get', 'a/b', '--revision', 'x'], 2, '--revision is "x"'],
  [['put', 'a/b'], 2, 'Usage: kvflow put'],
  [['put', 'a/b', 'c', '--ttl', 'soon'], 2, 'such as 30s'],
  [['put', 'a/b', '@/no/such/file'], 2, 'cannot be read (ENOENT)'],
  [['put', 'a/b', 'x\ufffdy'], 2, 'not UTF-8 text'],
  [['put', 'a/b', 'c', '--if-absent', '--revision', '1'], 2, 'not both'],
  [['rm', 'a/b', 'a/c', '--revision', '1'], 2, 'one key'],
  [['gte', 'a/b'], 2, 'Did you mean get?'],
  [['restore', '/no/such/file'], 2, 'cannot be read (ENOENT)'],
  [['restore', '/'], 2, 'is a folder'],
  [['backup', 'a', '/no/such/folder/a'], 2, 'There is no folder'],
  [['backup', 'a', '-'], 2, '- is no file'],
];

test('items - what is wrong is said on one line, the same both ways', async () => {
  for (const [way, run] of it.ways) {
    for (const [argv, code, told] of WRONG) {
      const ran = await run(argv);
      expect([way, argv, ran.code, ran.text]).toEqual([way, argv, code, '']);
      expect(ran.told).toContain(told);
      expect(ran.told).not.toContain('\n');
    }
    const unmade = await run(['import', 'nowhere'], '{"key":"a","value":"b"}\n');
    expect(unmade).toMatchObject({ code: 3, told: expect.stringContaining('Give --create') });
    const headless = await run(['import', 'nowhere', '--create'], '{"key":"a","value":"b"}\n');
    expect(headless).toMatchObject({
      code: 3,
      told: expect.stringContaining('Make it with kv-bucket-create'),
    });
  }
});

test('invoke and export - work on a server, the same as locally', async () => {
  await it.kvflow.call('kv-bucket-create', { bucket: 'same' });
  await it.kvflow.call('kv-key-put', { bucket: 'same', key: 'n', value: '{"n":9007199254740993}' });
  for (const argv of [
    ['invoke', 'kv-key-get', '{"bucket":"same","key":"n","json":true}'],
    ['invoke', 'kv-key-get', '{"bucket":"same","key":"gone"}', '--envelope'],
    ['invoke', 'kv-key-get', '{"bucket":"same"}'],
  ]) {
    const [http, local] = await Promise.all(it.ways.map(([, run]) => run(argv)));
    expect(http).toEqual(local);
  }
  // Every token of what is stored, and of what is answered, is as it was written.
  const exact = '{"n":9007199254740993,"e":1e400,"z":-0,"d":1.0,"n":2,"s":["\\u00e9"]}';
  for (const [index, [, run]] of it.ways.entries()) {
    const key = `exact.${index}`;
    const put = await run(['invoke', 'kv-key-put', `{"bucket":"same","key":"${key}","value":${exact}}`]);
    expect(put.code).toBe(0);
    expect(await it.kvflow.call('kv-key-get', { bucket: 'same', key })).toMatchObject({ value: exact });
    const got = await run(['invoke', 'kv-key-get', `{"bucket":"same","key":"${key}","json":true}`]);
    expect(got.text.replaceAll(/\s/g, '')).toContain(`"value":${exact}`);
    expect((await run(['get', `same/${key}`])).text.trim()).toBe(exact);
    await it.kvflow.call('kv-key-purge', { bucket: 'same', key });
  }
  const [http, local] = await Promise.all(it.ways.map(([, run]) => run(['export', 'same'])));
  expect(http?.text.split('\n')[1]).toBe(local?.text.split('\n')[1]);
  expect(http?.code).toBe(0);
});

test('--url and --key - a key is sent as a bearer token and never shown; what is no kvflow is told', async () => {
  const seen: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('<html>');
  });
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(other.address() as { port: number }).port}`;
  const run = runner({});
  for (const flag of ['--key', '--api-key']) {
    const ran = await run(['get', 'a/b', '--url', url, flag, 'kvf_secret']);
    expect(ran).toMatchObject({ code: 1, text: '' });
    expect(ran.told).toContain('answers as no kvflow does (HTTP 200)');
    expect(ran.told).not.toContain('secret');
  }
  expect(seen).toEqual(['Bearer kvf_secret', 'Bearer kvf_secret']);
  await new Promise(resolve => other.close(resolve));
  const nobody = `http://127.0.0.1:${await freePort()}`;
  expect((await run(['get', 'a/b', '--url', nobody])).told).toContain('cannot be reached (ECONNREFUSED)');
  expect(await run(['get', 'a/b', '--url', 'kv'])).toMatchObject({ code: 2 });
  expect((await run(['get', 'a/b', '--url', 'http://u:pw@h/'])).told).not.toContain('pw');
  expect((await run(['get', 'a/b', '--key', 'kvf_secret'])).told).toContain('give --url too');
  expect((await run(['invoke', 'kv-bucket-list', '--via', 'nats', '--url', url])).code).toBe(2);
});

test.each([
  ['gte', ['get']],
  ['lst', ['ls']],
  ['hist', ['history']],
  ['zzzz', []],
])('nearest - %s', (typed, wanted) => {
  expect(nearest(typed, ['get', 'put', 'ls', 'history'])).toEqual(wanted);
});
