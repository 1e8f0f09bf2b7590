/** What mirrors and sources copy: keys as they are stored, encoded ones too, and of a bucket that is a mirror itself. */

import { expect, test } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { startKvflow } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';

test('kv-bucket-create - the filter of a mirror and of a source takes the keys it shows where keys are encoded', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'origin', key_encoding: 'base64' });
  for (const key of ['user.ä b', 'user.2', 'name']) await put(k, 'origin', key);
  const taken = { name: 'origin', filter_subject: 'user.*' };
  // The mirror keeps keys as its origin does, unasked.
  const mirror = { bucket: 'copy', mirror: taken };
  const gathering = { bucket: 'all', key_encoding: 'base64', sources: [taken] };
  const renamed = {
    bucket: 'renamed',
    key_encoding: 'base64',
    sources: [{ name: 'origin', subject_transforms: [{ src: 'user.*', dest: 'who it is.{{wildcard(1)}}' }] }],
  };
  for (const options of [mirror, gathering, renamed]) {
    expect(await k.call('kv-bucket-create', options)).toMatchObject({ ...options, created: true });
    expect(await k.call('kv-bucket-create', options)).toMatchObject({ ...options, created: false });
  }
  for (const bucket of ['copy', 'all']) await expectKeys(k, bucket, ['user.2', 'user.ä b']);
  await expectKeys(k, 'renamed', ['who it is.2', 'who it is.ä b']);
  await put(k, 'copy', 'user.é');
  const refused = await k.fail('kv-key-put', { bucket: 'copy', key: 'name', value: 'x' });
  expect(refused).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('"user.*"') });
});

test('kv-bucket-create - a source with a filter takes keys that other clients encoded otherwise or not at all', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'origin' });
  for (const key of ['user.1', 'dXNlcg==.Mg==', 'dXNlcg.Mw', 'name']) await put(k, 'origin', key);
  const sources = [{ name: 'origin', filter_subject: 'user.*' }];
  const options = { bucket: 'all', key_encoding: 'base64', sources };
  expect(await k.call('kv-bucket-create', options)).toMatchObject({ sources });
  await expectKeys(k, 'all', ['user.1', 'user.2', 'user.3']);
});

test('kv-bucket-create - a bucket that is a mirror can be gathered, and mirrored in part', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'origin' });
  for (const key of ['user.1', 'name']) await put(k, 'origin', key);
  await k.call('kv-bucket-create', { bucket: 'edge', mirror: { name: 'origin' } });
  const renaming = {
    name: 'origin',
    subject_transforms: [{ src: 'user.*', dest: 'person.{{wildcard(1)}}' }],
  };
  await k.call('kv-bucket-create', { bucket: 'people', mirror: renaming });
  const user = { name: 'edge', filter_subject: 'user.*' };
  for (const [options, keys] of [
    [{ bucket: 'all', sources: [{ name: 'edge' }] }, ['name', 'user.1']],
    [{ bucket: 'some', sources: [user] }, ['user.1']],
    [{ bucket: 'part', mirror: user }, ['user.1']],
    [{ bucket: 'persons', sources: [{ name: 'people' }] }, ['person.1']],
  ] as const) {
    expect(await k.call('kv-bucket-create', options)).toMatchObject({ ...options, created: true });
    expect(await k.call('kv-bucket-create', options)).toMatchObject({ ...options, created: false });
    await expectKeys(k, options.bucket, keys);
  }
  await k.call('kv-bucket-create', { bucket: 'later' });
  await k.call('kv-bucket-update', { bucket: 'later', sources: [user] });
  await expectKeys(k, 'later', ['user.1']);
  await put(k, 'part', 'user.2');
  await expectKeys(k, 'later', ['user.1', 'user.2']);
});

test('kv-bucket-create - one that was made for subjects that its origin does not have is told, and can be mended', async () => {
  await using k = await startKvflow();
  await using official = await connectOfficial(k.joined);
  await k.call('kv-bucket-create', { bucket: 'origin' });
  await put(k, 'origin', 'user.1');
  await k.call('kv-bucket-create', { bucket: 'edge', mirror: { name: 'origin' } });
  const sources = [{ name: 'edge' }];
  const gathering = { bucket: 'all', sources };
  const part = { bucket: 'part', mirror: { name: 'edge', filter_subject: 'user.*' } };
  for (const options of [gathering, part]) await k.call('kv-bucket-create', options);
  // As builds made them that took a mirror's subjects for its own.
  const { sources: [made] = [], ...all } = await official.config('all');
  const subject_transforms = [{ src: '$KV.edge.>', dest: '$KV.all.>' }];
  const { mirror, ...rest } = await official.config('part');
  for (const config of [
    { ...all, sources: [{ ...made, subject_transforms }] },
    { ...rest, mirror: { ...mirror, filter_subject: '$KV.edge.user.*' } },
  ]) {
    await official.jsm.streams.delete(config.name);
    await official.addStream(config as Record<string, unknown>);
  }
  for (const [options, wayOut] of [
    [gathering, 'kv-bucket-update'],
    [part, 'Delete it'],
  ] as const) {
    const told = await k.fail('kv-bucket-create', options);
    expect(told).toMatchObject({ code: 'BUCKET_EXISTS', message: expect.stringContaining(wayOut) });
  }
  await k.call('kv-bucket-update', gathering);
  await k.call('kv-bucket-delete', { bucket: 'part', confirm: 'part' });
  await k.call('kv-bucket-create', part);
  for (const { bucket } of [gathering, part]) await expectKeys(k, bucket, ['user.1']);
  expect(await k.call('kv-bucket-create', gathering)).toMatchObject({ created: false });
});

test('kv-bucket-update - a mirror of a mirror becomes a bucket of its own with what it has', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'origin' });
  await put(k, 'origin', 'user.1');
  await k.call('kv-bucket-create', { bucket: 'edge', mirror: { name: 'origin' } });
  await k.call('kv-bucket-create', { bucket: 'far', mirror: { name: 'edge' } });
  await expectKeys(k, 'far', ['user.1']);
  const early = await k.fail('kv-bucket-update', { bucket: 'far', mirror: null });
  expect(early).toMatchObject({
    code: 'BUCKET_EXISTS',
    message: expect.stringContaining('Delete "origin" first'),
  });
  for (const bucket of ['origin', 'edge']) await k.call('kv-bucket-delete', { bucket, confirm: bucket });
  await k.call('kv-bucket-update', { bucket: 'far', mirror: null });
  await put(k, 'far', 'user.2');
  await expectKeys(k, 'far', ['user.1', 'user.2']);
});

test('kv-key-put - into a mirror whose origin is gone says so, and not to try again', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'origin' });
  await k.call('kv-bucket-create', { bucket: 'copy', mirror: { name: 'origin' } });
  await put(k, 'copy', 'a');
  await expectKeys(k, 'copy', ['a']);
  await k.call('kv-bucket-delete', { bucket: 'origin', confirm: 'origin' });
  const refused = k.fail('kv-key-put', { bucket: 'copy', key: 'a', value: 'x' });
  expect(await refused).toMatchObject({ code: 'BUCKET_NOT_FOUND', retryable: false });
});

async function put(k: TestKvflow, bucket: string, key: string): Promise<void> {
  await k.call('kv-key-put', { bucket, key, value: 'x' });
}

async function expectKeys(k: TestKvflow, bucket: string, keys: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { items } = await calls.list(k, { bucket });
    expect(items.map(({ key }) => key).sort()).toEqual(keys);
  });
}
