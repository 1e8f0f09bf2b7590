import { expect, test } from '@jest/globals';
import type { KvBucketCopyInput, KvBucketCopyOutput } from '../../contract/types.gen.ts';
import kvBucketCopy from '../../functions/kv-bucket-copy.ts';
import { calls } from '../support/calls.ts';
import { forAll } from '../support/for-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';

const HOUR = 3_600_000_000_000;

const k = forAll(startKvflow);

const copy = async (input: KvBucketCopyInput) =>
  (await k.call('kv-bucket-copy', input)) as unknown as KvBucketCopyOutput;

async function bucketsOf(name: string, options: object = {}): Promise<[string, string]> {
  await calls.create(k, { bucket: name, ...options });
  await calls.create(k, { bucket: `${name}-to`, ...options });
  return [name, `${name}-to`];
}

async function state(bucket: string): Promise<Record<string, string>> {
  const { items } = await calls.list(k, { bucket });
  return Object.fromEntries(items.map(({ key, value }) => [key, value ?? '']));
}

test('kv-bucket-copy - an item goes with all that belongs to it', async () => {
  const [bucket, to_bucket] = await bucketsOf('about', { key_ttl: true });
  const item = {
    bucket,
    key: 'a',
    value: 'AP8=',
    encoding: 'base64',
    content_type: 'x/y',
    metadata: { m: 'ü' },
  };
  await k.call('kv-key-put', { ...item, ttl: HOUR });
  expect(await copy({ bucket, to_bucket })).toMatchObject({ copied: 1, has_more: false });
  const [from, to] = await Promise.all(
    [bucket, to_bucket].map(name => calls.get(k, { bucket: name, key: 'a' })),
  );
  expect(to).toMatchObject({ value: 'AP8=', encoding: 'base64', content_type: 'x/y', metadata: { m: 'ü' } });
  expect(to?.expires_at).toBe(from?.expires_at ?? 'none');
});

test('kv-bucket-copy - an item never loses its end', async () => {
  const [bucket] = await bucketsOf('ends', { key_ttl: true });
  await calls.create(k, { bucket: 'endless' });
  await k.call('kv-key-put', { bucket, key: 'a', value: 'x', ttl: HOUR });
  expect(await k.fail('kv-bucket-copy', { bucket, to_bucket: 'endless' })).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/to_bucket', message: expect.stringContaining('key_ttl') }],
  });
  expect(await state('endless')).toEqual({});
});

test('kv-bucket-copy - keys that are there are left, written over, or end it; a dry run says so before', async () => {
  const [bucket, to_bucket] = await bucketsOf('conflicts');
  for (const key of ['a', 'b', 'c']) await calls.put(k, { bucket, key, value: 'new' });
  await calls.put(k, { bucket: to_bucket, key: 'b', value: 'old' });
  await calls.put(k, { bucket: to_bucket, key: 'gone', value: 'x' });
  await k.call('kv-key-delete', { bucket: to_bucket, key: 'gone' });
  expect(await copy({ bucket, to_bucket, dry_run: true })).toMatchObject({
    copied: 2,
    skipped: 1,
    dry_run: true,
  });
  expect(await state(to_bucket)).toEqual({ b: 'old' });
  expect((await k.fail('kv-bucket-copy', { bucket, to_bucket, on_conflict: 'fail' })).code).toBe(
    'REVISION_CONFLICT',
  );
  expect(await copy({ bucket, to_bucket })).toMatchObject({ skipped: 3 });
  expect(await state(to_bucket)).toEqual({ a: 'new', b: 'old', c: 'new' });
  expect(await copy({ bucket, to_bucket, on_conflict: 'overwrite' })).toMatchObject({
    copied: 3,
    skipped: 0,
  });
  expect(await state(to_bucket)).toEqual({ a: 'new', b: 'new', c: 'new' });
});

test('kv-bucket-copy - takes what a query finds, and gives it another prefix without an end of it', async () => {
  const bucket = 'prefixes';
  await calls.create(k, { bucket });
  for (let i = 0; i < 30; i++)
    await calls.put(k, { bucket, key: `a.${i}`, value: i < 10 ? 'small' : 'x'.repeat(50) });
  // The copies fit the filter themselves.
  const answer = await copy({ bucket, filter: 'a.>', query: 'size>10', prefix: 'a.', to_prefix: 'a.copy.' });
  expect(answer).toMatchObject({ copied: 20, failed: [], has_more: false });
  expect(Object.keys(await state(bucket)).filter(key => key.startsWith('a.copy.'))).toHaveLength(20);
});

test('kv-bucket-copy - tells each item that cannot be written', async () => {
  const [bucket, to_bucket] = await bucketsOf('failures');
  await calls.create(k, { bucket: 'small', max_value_size: 5 });
  await calls.put(k, { bucket, key: 'fits', value: 'x' });
  await calls.put(k, { bucket, key: 'large', value: 'x'.repeat(20) });
  expect(await copy({ bucket, to_bucket: 'small' })).toMatchObject({
    copied: 1,
    failed: [{ key: 'large', error: { code: 'VALUE_TOO_LARGE' } }],
  });
  expect(await copy({ bucket, to_bucket, prefix: '', to_prefix: 'bad key ' })).toMatchObject({
    copied: 0,
    failed: [{ error: { code: 'INVALID_INPUT' } }, { error: { code: 'INVALID_INPUT' } }],
  });
});

test('kv-bucket-copy - goes on by its cursor, though others write meanwhile', async () => {
  const [bucket, to_bucket] = await bucketsOf('parts');
  const items = Array.from({ length: 50 }, (_, i) => ({ key: `k.${i}`, value: 'v' }));
  await k.call('kv-key-put-many', { bucket, items });
  const { kv } = k.nats;
  const later = soon();
  // A call that has no time left copies one page, here of 20.
  const patient = new Proxy(kv, {
    get: (target, name: keyof typeof kv) => {
      if (name === 'listPage')
        return (_: unknown, page: object) => kv.listPage(later, { ...page, limit: 20 } as never);
      return (_: unknown, ...rest: unknown[]) =>
        (target[name] as (...all: unknown[]) => unknown)(later, ...rest);
    },
  });
  let cursor: string | undefined;
  let [copied, parts] = [0, 0];
  do {
    const input = { bucket, to_bucket, ...(cursor !== undefined && { cursor }) };
    const part = await kvBucketCopy.run(input, { deadline: Date.now(), kv: patient } as never);
    copied += part.copied;
    parts += 1;
    cursor = part.cursor;
    await calls.put(k, { bucket, key: `new.${parts}`, value: 'later' });
  } while (cursor !== undefined);
  // One that was written again behind the listing is copied too.
  expect({ copied, parts }).toEqual({ copied: 52, parts: 3 });
  const names = Object.keys(await state(to_bucket)).toSorted();
  expect(names).toEqual([...items.map(({ key }) => key), 'new.1', 'new.2'].toSorted());
});

test('kv-bucket-copy - a dry run foresees what cannot be written', async () => {
  const [bucket] = await bucketsOf('planned');
  await calls.create(k, { bucket: 'foreseen-small', max_value_size: 5 });
  await calls.put(k, { bucket, key: 'app.a', value: 'x' });
  await calls.put(k, { bucket, key: 'app.large', value: 'x'.repeat(20) });
  for (const input of [
    { bucket, prefix: 'app.', to_prefix: '..bad' },
    { bucket, to_bucket: 'foreseen-small' },
  ]) {
    const codes = ({ copied, failed }: KvBucketCopyOutput) => [copied, failed.map(({ error }) => error.code)];
    const planned = codes(await copy({ ...input, dry_run: true }));
    expect(planned).toEqual(codes(await copy(input)));
  }
});

test('kv-bucket-copy - what waits to be put goes on waiting, for the key of its new name', async () => {
  const [bucket, to_bucket] = await bucketsOf('waiting');
  await k.call('kv-key-put', { bucket, key: 'app.a', value: 'later', delay: HOUR });
  const input = { bucket, to_bucket, prefix: 'app.', to_prefix: 'new.' };
  expect(await copy(input)).toMatchObject({ copied: 1, failed: [] });
  const due = async (name: string, key: string) =>
    ((await k.call('kv-key-get', { bucket: name, key })) as { due_at?: string }).due_at;
  const at = await due(bucket, '_scheduled.app.a');
  expect(at).toBeDefined();
  expect(await due(to_bucket, '_scheduled.new.a')).toBe(at);
  expect(await copy(input)).toMatchObject({ copied: 0, skipped: 1 });
});

test('kv-bucket-copy - with a prefix nothing else is copied, least of all onto itself', async () => {
  const bucket = 'onto-itself';
  await calls.create(k, { bucket });
  for (const key of ['app.a', 'x']) await calls.put(k, { bucket, key, value: 'v' });
  const { sequence } = (await calls.list(k, { bucket })).items.find(({ key }) => key === 'x') ?? {};
  const input = { bucket, prefix: 'app.', to_prefix: 'copy.', on_conflict: 'fail' as const };
  expect(await copy(input)).toMatchObject({ copied: 1 });
  expect(await state(bucket)).toEqual({ 'app.a': 'v', 'copy.a': 'v', x: 'v' });
  expect((await calls.list(k, { bucket })).items.find(({ key }) => key === 'x')).toMatchObject({ sequence });
});
