import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { forAll } from '../../../support/for-all.ts';
import type { KvflowServer } from './kvflow-process.ts';
import { makePlace } from './kvflow-process.ts';

/** Where a kvflow runs for all tests. */
const place = forAll(makePlace);
let server: KvflowServer;
beforeAll(async () => {
  server = await place.start();
});

test('export and import - a bucket goes through a file and comes back, while the server runs', async () => {
  await server.call('kv-bucket-create', { bucket: 'from', history: 3 });
  const items = Array.from({ length: 50 }, (_, i) => ({ key: `k.${i}`, value: `ü ${i}` }));
  await server.call('kv-key-put-many', { bucket: 'from', items });
  const exported = await place.run(['export', 'from']);
  expect(exported).toMatchObject({ code: 0, stderr: '50 items of bucket "from" exported.\n' });
  expect(exported.stdout.trimEnd().split('\n')).toHaveLength(52);
  const imported = await place.run(['import', 'to', '--create'], { stdin: exported.stdout });
  expect(imported).toMatchObject({ code: 0, stdout: '' });
  expect(imported.stderr).toContain('50 items imported, 0 skipped');
  const got = await server.call('kv-key-get', { bucket: 'to', key: 'k.7' });
  expect(got).toMatchObject({ value: 'ü 7' });
  expect(await place.run(['import', 'to'], { stdin: exported.stdout })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('0 items imported, 50 skipped'),
  });
});

test('export --history and import - past values go along, and a file that was cut is exit code 1', async () => {
  await server.call('kv-bucket-create', { bucket: 'past', history: 3 });
  const items = ['a', 'b'].map(value => ({ key: 'k', value }));
  await server.call('kv-key-put-many', { bucket: 'past', items });
  await place.run(['rm', 'past/k']);
  const exported = await place.run(['export', 'past', '--history']);
  expect(exported).toMatchObject({ code: 0, stderr: '3 revisions of bucket "past" exported.\n' });
  const altered = exported.stdout.replace('"b"', '"x"');
  expect(await place.run(['import', 'altered', '--create'], { stdin: altered })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('were altered'),
  });
  const cut = exported.stdout.split('\n').slice(0, 3).join('\n');
  expect(await place.run(['import', 'past-again', '--create'], { stdin: cut })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no end line.* 2 items were imported/),
  });
  await place.run(['import', 'past-again'], { stdin: exported.stdout });
  const shown = await server.call('kv-key-history', { bucket: 'past-again', key: 'k' });
  expect(shown.items).toMatchObject([{ value: 'a' }, { value: 'b' }, { operation: 'delete' }]);
});

test('backup and restore - a bucket goes through a file, here and over HTTP, and a cut file is exit code 1', async () => {
  await server.call('kv-bucket-create', { bucket: 'backed', history: 3 });
  const items = ['a', 'b'].map(value => ({ key: 'k', value }));
  await server.call('kv-key-put-many', { bucket: 'backed', items });
  const file = join(place.path, 'backed.kvbackup');
  expect(await place.run(['backup', 'backed', file])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Bucket "backed" is in'),
  });
  expect(await place.run(['restore', file])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('exists'),
  });
  expect(await place.run(['restore', file, 'here'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Bucket "here" is what "backed" was at'),
  });
  const over = join(place.path, 'over.kvbackup');
  expect(await place.run(['backup', 'backed', over, '--url', server.url])).toMatchObject({ code: 0 });
  await server.call('kv-bucket-delete', { bucket: 'backed', confirm: 'backed' });
  expect(await place.run(['restore', over, '--url', server.url])).toMatchObject({ code: 0 });
  expect(await place.run(['restore', over, 'there', '--url', server.url])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Bucket "there" is what "backed" was at'),
  });
  for (const bucket of ['here', 'backed', 'there']) {
    const shown = await server.call('kv-key-history', { bucket, key: 'k' });
    expect(shown.items).toMatchObject([
      { value: 'a', revision: 1 },
      { value: 'b', revision: 2 },
    ]);
  }
  const told = await server.call('admin-log-list', { action: 'restore' });
  expect(told.entries).toMatchObject(
    ['there', 'backed', 'here'].map(bucket => ({ bucket, outcome: 'OK', by: { host: 'cli' } })),
  );
  const whole = await readFile(over);
  await writeFile(file, whole.subarray(0, whole.length - 30));
  for (const where of [[], ['--url', server.url]]) {
    expect(await place.run(['restore', file, 'cut', ...where])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/was cut after \d+ bytes/),
    });
  }
  expect(await place.run(['backup', 'nowhere', file])).toMatchObject({ code: 3 });
});

test('export and import - say what is wrong', async () => {
  expect(await place.run(['export'])).toMatchObject({ code: 2 });
  expect(await place.run(['export', 'nowhere'])).toMatchObject({ code: 3, stdout: '' });
  expect(await place.run(['export', 'a', '--after', 'x'])).toMatchObject({ code: 2 });
  expect(await place.run(['import', 'a', '--on-conflict', 'what'])).toMatchObject({ code: 2 });
  const broken = await place.run(['import', 'nowhere'], { stdin: '{"key":"a","value":"b"}\nno json' });
  expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('line 2') });
  const bytes = Buffer.concat([Buffer.from('{"key":"a","value":"b'), Buffer.from([0xff]), Buffer.from('"}')]);
  const binary = await place.run(['import', 'nowhere'], { stdin: bytes });
  expect(binary).toMatchObject({ code: 2, stderr: expect.stringContaining('line 1 is not UTF-8 text') });
  expect(await place.run(['import', 'nowhere'], { stdin: '' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not one line came'),
  });
  expect(await place.run(['backup', 'a', place.path])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is no file'),
  });
});
