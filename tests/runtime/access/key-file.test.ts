import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hashKey, parseRateLimit } from '../../../runtime/access/api-key.ts';
import { noteOnKeys } from '../../../runtime/access/key-document.ts';
import { createKeyFile } from '../../../runtime/access/key-file.ts';

const run = promisify(execFile);
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvflow-keys-'));
  path = join(folder, 'data', 'api-keys.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('keys - a key is shown once and kept as a hash that only the owner can read', async () => {
  const { key, entry } = await createKeyFile(path).add({ name: 'ci' });
  expect(key).toMatch(/^kvf_[A-Za-z0-9_-]{43}$/);
  const text = await readFile(path, 'utf8');
  expect(text).not.toContain(key);
  expect(text).toContain(hashKey(key));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(key.startsWith(entry.prefix)).toBe(true);
  expect(entry).toMatchObject({
    functions: ['*'],
    buckets: ['*'],
    read_only: false,
    rate_limit: null,
    expires_at: null,
  });
  expect(await readdir(join(folder, 'data'))).toEqual(['api-keys.json']);
});

test('keys - what another writer changed is seen at once, and unchanged files are not read again', async () => {
  const mine = createKeyFile(path);
  const theirs = createKeyFile(path);
  expect(mine.snapshot()).toEqual([]);
  await theirs.add({ name: 'a' });
  const seen = mine.snapshot();
  expect(seen.map(key => key.name)).toEqual(['a']);
  expect(mine.snapshot()).toBe(seen);
  await theirs.revoke('a');
  expect(mine.snapshot()).toEqual([]);
});

test('keys - writers in several processes lose no key', async () => {
  const script = `
    const { createKeyFile } = await import(${JSON.stringify(join(import.meta.dirname, '../../../runtime/access/key-file.ts'))});
    const file = createKeyFile(process.argv[1]);
    for (let i = 0; i < 10; i++) await file.add({ name: process.argv[2] + i });`;
  const one = (name: string) =>
    run(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, path, name]);
  await Promise.all([one('a'), one('b'), one('c')]);
  expect(await createKeyFile(path).list()).toHaveLength(30);
  expect(await readdir(join(folder, 'data'))).toEqual(['api-keys.json']);
});

test('keys - a lock left by a process that died is taken over', async () => {
  const file = createKeyFile(path);
  await file.add({ name: 'a' });
  await writeFile(`${path}.lock`, 'dead');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${path}.lock`, longAgo, longAgo);
  await Promise.all([file.add({ name: 'b' }), createKeyFile(path).add({ name: 'c' })]);
  expect((await file.list()).map(key => key.name).sort()).toEqual(['a', 'b', 'c']);
  expect(await readdir(join(folder, 'data'))).toEqual(['api-keys.json']);
});

test('keys - a name that is taken and one that is not known say so', async () => {
  const file = createKeyFile(path);
  await file.add({ name: 'ci' });
  await expect(file.add({ name: 'ci' })).rejects.toThrow('There is a key "ci" already');
  await expect(file.revoke('cd')).rejects.toThrow('There is no key "cd". There are: ci.');
});

test.each([
  [{ name: '' }, '1 to 64'],
  [{ name: 'a b' }, '1 to 64'],
  [{ name: 'local' }, 'choose another name'],
  [{ name: 'config-1' }, 'choose another name'],
  [{ name: 'a', functions: [] }, 'at least one function'],
  [{ name: 'a', expires_at: '2001-01-01' }, 'no time in the future'],
  [{ name: 'a', expires_at: 'soon' }, 'no time in the future'],
  [{ name: 'a', rate_limit: { calls: 0, per: 'second' as const } }, 'at least 1'],
])('keys - %j is refused', async (wanted, message) => {
  await expect(createKeyFile(path).add(wanted)).rejects.toThrow(message);
});

test.each(['', '{', '[]', '{"version":3,"keys":[]}', '{"version":1,"keys":[{"name":"a"}]}'])(
  'keys - a broken key file is named, not taken for an empty one: %s',
  async text => {
    await createKeyFile(path).add({ name: 'a' });
    await writeFile(path, text);
    expect(() => createKeyFile(path).snapshot()).toThrow(path);
    await expect(createKeyFile(path).add({ name: 'b' })).rejects.toThrow(path);
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

test('keys - a file of version 1 keeps functions and buckets, gives no right that came later, and is written as version 2', async () => {
  const old = (name: string, buckets: string[], read_only = false) => ({
    name,
    hash: hashKey(`kvf_${name}`),
    prefix: 'kvf_',
    functions: ['*'],
    buckets,
    read_only,
    rate_limit: null,
    expires_at: null,
    created_at: '2026-01-31T12:00:00.000Z',
  });
  const keys = [old('team', ['team-*']), old('all', ['*']), old('reader', ['*'], true)];
  const text = JSON.stringify({ version: 1, keys });
  expect(noteOnKeys(text)).toContain('made by an earlier kvflow');
  await mkdir(join(folder, 'data'));
  await writeFile(path, text);
  const later = { subjects: [], destinations: ['*'], tables: [], namespaces: ['*'] };
  expect(await createKeyFile(path).list()).toEqual([
    { ...keys[0], ...later, flows: false },
    { ...keys[1], ...later, flows: true },
    { ...keys[2], ...later, flows: false },
  ]);
  await createKeyFile(path).add({ name: 'new' });
  const written = await readFile(path, 'utf8');
  expect(JSON.parse(written)).toMatchObject({
    version: 2,
    keys: [
      { name: 'team', subjects: [], flows: false },
      { name: 'all', subjects: [], flows: true },
      { name: 'reader', subjects: [], flows: false },
      { name: 'new', flows: true },
    ],
  });
  expect(noteOnKeys(written)).toBeUndefined();
});

test('keys - rate limits are read from text', () => {
  expect(parseRateLimit('100/s')).toEqual({ calls: 100, per: 'second' });
  expect(parseRateLimit('600/minute')).toEqual({ calls: 600, per: 'minute' });
  for (const text of ['0/s', '5', '5/h', '-1/s', '1.5/s'])
    expect(() => parseRateLimit(text)).toThrow('100/second');
});
