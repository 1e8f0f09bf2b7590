import { expect, test } from '@jest/globals';
import { makePlace } from './kvflow-process.ts';

const invoke = (name: string, input: object) => ['invoke', name, JSON.stringify(input)];

test('export and import - a bucket goes through a file and comes back, while the server runs', async () => {
  await using place = await makePlace();
  await place.start();
  await place.run(invoke('kv-bucket-create', { bucket: 'from', history: 3 }));
  const items = Array.from({ length: 50 }, (_, i) => ({ key: `k.${i}`, value: `ü ${i}` }));
  await place.run(invoke('kv-key-put-many', { bucket: 'from', items }));
  const exported = await place.run(['export', 'from']);
  expect(exported).toMatchObject({ code: 0, stderr: '50 items of bucket "from" exported.\n' });
  expect(exported.stdout.trimEnd().split('\n')).toHaveLength(52);
  const imported = await place.run(['import', 'to', '--create'], { stdin: exported.stdout });
  expect(imported).toMatchObject({ code: 0, stdout: '' });
  expect(imported.stderr).toContain('50 items imported, 0 skipped');
  const got = await place.run(invoke('kv-key-get', { bucket: 'to', key: 'k.7' }));
  expect(JSON.parse(got.stdout)).toMatchObject({ value: 'ü 7' });
  expect(await place.run(['import', 'to'], { stdin: exported.stdout })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('0 items imported, 50 skipped'),
  });
});

test('export and import - say what is wrong', async () => {
  await using place = await makePlace();
  await place.start();
  expect(await place.run(['export'])).toMatchObject({ code: 2 });
  expect(await place.run(['export', 'nowhere'])).toMatchObject({ code: 3, stdout: '' });
  expect(await place.run(['export', 'a', '--after', 'x'])).toMatchObject({ code: 2 });
  expect(await place.run(['import', 'a', '--on-conflict', 'what'])).toMatchObject({ code: 2 });
  const broken = await place.run(['import', 'nowhere'], { stdin: '{"key":"a","value":"b"}\nno json' });
  expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('line 2') });
  const bytes = Buffer.concat([Buffer.from('{"key":"a","value":"b'), Buffer.from([0xff]), Buffer.from('"}')]);
  const binary = await place.run(['import', 'nowhere'], { stdin: bytes });
  expect(binary).toMatchObject({ code: 2, stderr: expect.stringContaining('line 1 is not UTF-8 text') });
});
