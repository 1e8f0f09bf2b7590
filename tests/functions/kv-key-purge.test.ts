import { describe, expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import purge from '../../functions/kv-key-purge.ts';
import type { FunctionContext } from '../../runtime/core/define-function.ts';
import { startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { madeBucket, startBucket } from './kv.ts';

describe('kv-key-purge', () => {
  test('drops an item with its history', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    for (const value of ['1', '2', '3']) await prefs.put('a', value);
    expect(await prefs.purge({ key: 'a' })).toEqual({
      bucket: 'prefs',
      matched: 1,
      purged: 1,
      dry_run: false,
    });
    expect((await prefs.history('a')).items).toMatchObject([{ operation: 'purge', revision: 4 }]);
    const error = await prefs.fail('kv-key-get', { key: 'a' });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', details: { operation: 'purge' } });
    expect((await prefs.fail('kv-key-get', { key: 'a', revision: 2 })).code).toBe('KEY_NOT_FOUND');
  });

  test('with a query only what it finds goes, and the history of keys that were deleted before stays', async () => {
    await using prefs = await startBucket('prefs', { history: 3 });
    for (const key of ['user.1', 'user.2', 'team.1', 'user.gone']) await prefs.put(key, `value of ${key}`);
    await prefs.remove('user.gone');
    const query = 'value:user';
    expect(await prefs.purge({ filter: 'user.*', query, dry_run: true })).toMatchObject({
      matched: 2,
      purged: 0,
    });
    expect(await prefs.purge({ filter: '>', query: 'value:team' })).toMatchObject({ matched: 1, purged: 1 });
    expect((await prefs.list()).items.map(({ key }) => key)).toEqual(['user.1', 'user.2']);
    expect((await prefs.history('user.gone')).items).toHaveLength(2);
    expect((await prefs.fail('kv-key-purge', { query })).code).toBe('INVALID_INPUT');
    for (const input of [
      { key: 'user.1', query },
      { filter: '>', query: '/(/' },
    ])
      expect(await prefs.fail('kv-key-purge', input)).toMatchObject({ errors: [{ pointer: '/query' }] });
    expect((await prefs.list()).items).toHaveLength(2);
  });

  test('a key that is not there matches nothing', async () => {
    await using prefs = await startBucket('prefs');
    expect(await prefs.purge({ key: 'a' })).toMatchObject({ matched: 0, purged: 0 });
    expect(await prefs.purge({ key: 'a', dry_run: true })).toMatchObject({ matched: 0, purged: 0 });
    expect(await prefs.purge({ filter: '>' })).toMatchObject({ matched: 0, purged: 0 });
    expect((await prefs.info()).last_seq).toBe(0);
  });

  test('counts by a dry run and removes nothing', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.putMany(['user.1', 'user.2', 'user.3.x', 'team.1'].map(key => ({ key, value: 'x' })));
    await prefs.remove('user.2');
    expect(await prefs.purge({ filter: 'user.*', dry_run: true })).toMatchObject({ matched: 1, purged: 0 });
    expect(await prefs.purge({ filter: 'user.>', dry_run: true })).toMatchObject({ matched: 2, purged: 0 });
    expect(await prefs.purge({ key: 'team.1', dry_run: true })).toMatchObject({ matched: 1, purged: 0 });
    expect((await prefs.info()).values).toBe(3);
  });

  test('removes all of several pages that match, with history, and nothing else', async () => {
    await using k = await startWithOfficial();
    const prefs = await madeBucket(k, 'prefs', { history: 2 });
    await k.official.fill('prefs', 5_000, index => [`user.${index % 2_500}`, `v${index}`]);
    await k.official.fill('prefs', 100, index => [`team.${index}`, 'x']);
    const answer = await prefs.purge({ filter: 'user.*' });
    expect(answer).toEqual({ bucket: 'prefs', matched: 2_500, purged: 2_500, dry_run: false });
    expect((await prefs.list({ limit: 1_000 })).items).toHaveLength(100);
    expect((await prefs.history('user.7')).items.map(item => item.operation)).toEqual(['purge']);
    expect(await prefs.purge({ filter: 'user.*' })).toMatchObject({ matched: 0, purged: 0 });
  });

  test('ends although keys that match are written all the time', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.putMany(Array.from({ length: 1_000 }, (_, index) => ({ key: `old.${index}`, value: 'x' })));
    let writing = true;
    const writer = (async () => {
      for (let index = 0; writing; index++) await prefs.put(`new.${index}`, 'x');
    })();
    const { matched, purged } = await prefs.purge({ filter: '>' });
    writing = false;
    await writer;
    expect(matched).toBeGreaterThanOrEqual(1_000);
    expect(purged).toBe(matched);
    expect((await prefs.purge({ filter: 'old.*', dry_run: true })).matched).toBe(0);
  });

  test('takes key or filter, not both, and says so', async () => {
    await using prefs = await startBucket('prefs');
    for (const input of [{}, { key: 'a', filter: '>' }, { dry_run: true }]) {
      const error = await prefs.fail('kv-key-purge', input);
      expect(error.errors?.map(({ pointer }) => pointer)).toEqual(['/key', '/filter']);
      expect(error.message).toMatch(/exactly one/);
    }
    const bad = await prefs.fail('kv-key-purge', { filter: 'user*' });
    expect(bad).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/filter' }] });
  });

  test('tells how far it went when time runs out, and goes on when called again', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.putMany(Array.from({ length: 1_000 }, (_, index) => ({ key: `a.${index}`, value: 'x' })));
    // As when time runs out after 300 removes, whatever the speed of the machine.
    let removed = 0;
    const ctx: FunctionContext = {
      deadline: Date.now() + 10_000,
      principal: { name: 'test', functions: ['*'], buckets: ['*'], readOnly: false },
      remote: () => Promise.reject(new Error('no others here')),
      invocationId: 'test',
      readmit: () => undefined,
      scripting: () => Promise.reject(new Error('no scripts here')),
      recognition: () => Promise.reject(new Error('no recognition here')),
      kv: {
        ...prefs.kvflow.nats.kv,
        remove: (call, removal) => {
          if (++removed > 300) throw new PackError('TIMEOUT', 'late');
          return prefs.kvflow.nats.kv.remove(call, removal);
        },
      },
    };
    const input = { bucket: 'prefs', filter: 'a.*' };
    const error = (await purge.run(input, ctx).catch(thrown => thrown)) as PackError;
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { matched: 1_000, purged: 300 } });
    expect(error.message).toContain('300 keys were purged; call again');
    expect(await prefs.purge({ filter: 'a.*' })).toMatchObject({ matched: 700, purged: 700 });
  });

  test('is over at its deadline', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.putMany(Array.from({ length: 1_000 }, (_, index) => ({ key: `a.${index}`, value: 'x' })));
    const error = await prefs.kvflow.fail('kv-key-purge', { bucket: 'prefs', filter: '>' }, { timeoutMs: 1 });
    expect(['TIMEOUT', 'UNAVAILABLE']).toContain(error.code);
    expect(error.retryable).toBe(true);
  });

  test('purges by pattern where keys are base64', async () => {
    await using prefs = await startBucket('prefs', { key_encoding: 'base64' });
    await prefs.putMany(['größe.1 €', 'größe.2', 'maß.1'].map(key => ({ key, value: 'x' })));
    expect(await prefs.purge({ filter: 'größe.*' })).toMatchObject({ matched: 2, purged: 2 });
    expect((await prefs.list()).items.map(item => item.key)).toEqual(['maß.1']);
  });

  test('is a purge to the official client, whose purges are purges to us', async () => {
    await using k = await startWithOfficial();
    const prefs = await madeBucket(k, 'prefs', { history: 5 });
    const kv = await k.official.kvm.open('prefs');
    await prefs.put('a', '1');
    await prefs.purge({ key: 'a' });
    expect(await kv.get('a')).toMatchObject({ operation: 'PURGE' });
    await kv.put('b', '1');
    await kv.purge('b');
    expect((await prefs.history('b')).items).toMatchObject([{ operation: 'purge' }]);
  });
});

test('kv-key-purge - by pattern it leaves nothing of keys that were deleted before', async () => {
  await using kvflow = await startKvflow();
  const bucket = 'left-over';
  await kvflow.call('kv-bucket-create', { bucket, history: 10 });
  for (const key of ['a.1', 'a.2', 'b.1']) {
    await kvflow.call('kv-key-put', { bucket, key, value: 'secret' });
    await kvflow.call('kv-key-delete', { bucket, key });
  }
  await kvflow.call('kv-key-purge', { bucket, filter: 'a.*', dry_run: true });
  expect(await kvflow.call('kv-key-history', { bucket, key: 'a.1' })).toMatchObject({ items: [{}, {}] });
  expect(await kvflow.call('kv-key-purge', { bucket, filter: 'a.*' })).toMatchObject({
    matched: 0,
    purged: 0,
  });
  expect(await kvflow.call('kv-key-list', { bucket, deleted: true })).toMatchObject({
    items: [{ key: 'b.1' }],
  });
  await kvflow.call('kv-key-purge', { bucket, filter: '>' });
  expect(await kvflow.call('kv-bucket-info', { bucket })).toMatchObject({ bytes: 0 });
});
