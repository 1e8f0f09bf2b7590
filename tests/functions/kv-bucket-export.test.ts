import { describe, expect, test } from '@jest/globals';
import type { ExportedRecord } from '../../contract/types.gen.ts';
import bucketExport from '../../functions/kv-bucket-export.ts';
import type { FunctionContext } from '../../runtime/core/define-function.ts';
import { startKvflow } from '../support/kvflow.ts';
import type { TestBucket } from './kv.ts';
import { bucketOf, MS, SECOND, startBucket } from './kv.ts';

describe('kv-bucket-export', () => {
  test('the header makes the bucket again', async () => {
    await using k = await startKvflow();
    const [bucket, copy] = [bucketOf(k, 'prefs'), bucketOf(k, 'copy')];
    await bucket.create({
      description: 'Settings',
      ttl: 3600 * SECOND,
      history: 1,
      max_bytes: 1_000_000,
      compression: true,
      metadata: { team: 'growth' },
      republish: { source: '$KV.prefs.>', dest: 'changes.>' },
      key_ttl: true,
      key_encoding: 'base64',
    });
    const { header } = await bucket.export();
    expect(header).toMatchObject({
      bucket: 'prefs',
      options: { metadata: { team: 'growth' }, key_encoding: 'base64' },
    });
    expect(await bucket.create(header?.options)).toMatchObject({ created: false });
    const { republish: _r, ...options } = header?.options ?? {};
    expect(await copy.create(options)).toMatchObject({ created: true, ttl: 3600 * SECOND });
    expect((await bucket.export({ after: 1 })).header).toBeUndefined();
  });

  test('with a query what it finds is answered, however many pages hold none of it', async () => {
    await using bucket = await startBucket('prefs', { history: 2 });
    await bucket.putMany(
      Array.from({ length: 500 }, (_, index) => ({
        key: `k${index}`,
        value: index % 200 === 7 ? 'x'.repeat(99) : 'y',
      })),
    );
    const found = await exportAll(bucket, { limit: 100, query: 'size>50 k*' });
    expect(found.map(({ key }) => key)).toEqual(['k7', 'k207', 'k407']);
    const error = await bucket.fail('kv-bucket-export', { query: 'k', history: true });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/query' }] });
  });

  test('pages through every live item once, oldest write first', async () => {
    await using bucket = await startBucket('prefs', { history: 2 });
    for (let round = 0; round < 3; round++) {
      await bucket.putMany(
        Array.from({ length: 700 }, (_, index) => ({ key: `k${index}`, value: `v${round}` })),
      );
    }
    await bucket.remove('k5');
    const records = await exportAll(bucket, { limit: 300 });
    expect(records).toHaveLength(699);
    expect(new Set(records.map(record => record.key)).size).toBe(699);
    expect(records.every(record => record.value === 'v2')).toBe(true);
    const revisions = records.map(record => record.revision);
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
  });

  test('takes only keys that match', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.putMany(['user.1', 'team.1', 'user.2'].map(key => ({ key, value: 'x' })));
    expect((await exportAll(bucket, { filter: 'user.*' })).map(record => record.key).sort()).toEqual([
      'user.1',
      'user.2',
    ]);
  });

  test("tells an item's own ttl from the bucket's", async () => {
    await using bucket = await startBucket('prefs', { ttl: 3600 * SECOND, key_ttl: true });
    await bucket.put('own', 'x', { ttl: 90_500 * MS });
    await bucket.put('common', 'x');
    const [own, common] = (await bucket.export()).records;
    expect(own).toMatchObject({ key: 'own', ttl: 90_500 * MS });
    expect(common?.ttl).toBeUndefined();
    expect(common?.expires_at).toBe((await bucket.get('common')).expires_at);
  });

  test('an empty bucket has one page with its header', async () => {
    await using bucket = await startBucket('prefs');
    const page = await bucket.export();
    expect(page).toMatchObject({ records: [], next: 0, has_more: false });
    expect(page.header?.bucket).toBe('prefs');
    expect((await bucketOf(bucket.kvflow, 'nowhere').fail('kv-bucket-export')).code).toBe('BUCKET_NOT_FOUND');
  });
});

async function exportAll(bucket: TestBucket, input: object): Promise<ExportedRecord[]> {
  const records: ExportedRecord[] = [];
  for (let after = 0, more = true; more; ) {
    const page = await bucket.export({ ...input, after });
    records.push(...page.records);
    after = page.next;
    more = page.has_more;
  }
  return records;
}

test('kv-bucket-export - a page that ended early, within the time of the call, is no end: it says where to go on', async () => {
  const [deadline, bucket] = [Date.now() + 10_000, 'b'];
  const asked: object[] = [];
  const kv = {
    listPage: async (call: { deadline: number }, range: object) => {
      asked.push({ until: call.deadline, ...range });
      const entry = { key: 'k', value: new Uint8Array(0), revision: 7, createdAt: '', expiresAt: undefined };
      return { entries: [entry], hasMore: true, nextSeq: 8, cursor: 'on' };
    },
    now: async () => 0,
  };
  const page = await bucketExport.run({ bucket, cursor: 'from' }, {
    deadline,
    kv,
  } as unknown as FunctionContext);
  expect(page).toMatchObject({ records: [{ key: 'k' }], has_more: true, next: 8, cursor: 'on' });
  expect(asked).toEqual([expect.objectContaining({ until: deadline, bucket, cursor: 'from', limit: 1_000 })]);
});
