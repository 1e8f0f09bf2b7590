import { expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import { isEntry } from '../../../runtime/core/ports/items.ts';
import type { KvOperation } from '../../../runtime/core/ports/transactions.ts';
import { eventually } from '../../support/eventually.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { connectOfficial } from '../../support/official.ts';
import { soon } from '../../support/soon.ts';
import { whileAlive } from '../../support/while-alive.ts';

const put = (key: string, value: string, more: object = {}): KvOperation => ({
  op: 'put',
  key,
  value,
  ...more,
});
const text = (found: unknown) =>
  found && typeof found === 'object' && 'value' in found
    ? Buffer.from(found.value as Uint8Array).toString()
    : undefined;

for (const history of [1, 5]) {
  for (const storage of ['file', 'memory'] as const) {
    test(`transact - all or nothing, history ${history}, ${storage}`, async () => {
      await using k = await startKvflow();
      const { kv } = k.nats;
      const bucket = 'b';
      await kv.createBucket(soon(), bucket, { history, storage });
      const first = await kv.transact(soon(), {
        bucket,
        operations: [put('a', '1'), put('b', '2'), put('c', '3')],
      });
      expect(first.results.map(({ revision }) => revision)).toEqual([1, 2, 3]);
      const second = await kv.transact(soon(), {
        bucket,
        checks: [
          { key: 'c', revision: 3 },
          { key: 'nobody', revision: 0 },
        ],
        operations: [
          put('a', '10', { expectedRevision: 1 }),
          { op: 'delete', key: 'b', expectedRevision: 2 },
          put('a', '11'),
        ],
      });
      const [a, b, again] = second.results.map(({ revision }) => revision);
      const { found, revision } = await kv.getTogether(soon(), bucket, ['a', 'b', 'c', 'never']);
      expect(found.map(text)).toEqual(['11', undefined, '3', undefined]);
      expect(found[0]).toMatchObject({ revision: again });
      expect(found[1]).toMatchObject({ operation: 'delete', revision: b });
      expect(revision).toBe(again);
      expect(again).toBe((a ?? 0) + 2);
      const failing = kv.transact(soon(), {
        bucket,
        checks: [
          { key: 'c', revision: 3 },
          { key: 'a', revision: 1 },
        ],
        operations: [
          put('d', 'x', { expectedRevision: 0 }),
          put('c', 'y', { expectedRevision: 3 }),
          put('b', 'z', { expectedRevision: 2 }),
        ],
      });
      const error = await failing.then(
        () => undefined,
        (thrown: PackError) => thrown,
      );
      expect(error).toMatchObject({ code: 'REVISION_CONFLICT' });
      expect(error?.details.conflicts).toEqual([
        { key: 'a', expected_revision: 1, current_revision: again },
        { key: 'b', expected_revision: 2, current_revision: 0 },
      ]);
      const after = await kv.getTogether(soon(), bucket, ['a', 'b', 'c', 'd']);
      expect(after.found).toEqual([...found.slice(0, 3), undefined]);
      // A deleted key does not exist: 0 is what it is expected at, though the server counts its marker.
      const { results } = await kv.transact(soon(), {
        bucket,
        operations: [
          put('b', 'new', { expectedRevision: 0 }),
          { op: 'purge', key: 'c', expectedRevision: 3 },
        ],
      });
      expect(results).toHaveLength(2);
      expect((await kv.getTogether(soon(), bucket, ['b', 'c'])).found.map(isEntry)).toEqual([true, false]);
    });
  }
}

test('transact - more keys read than written: all of them are guards, and no key of theirs is touched', async () => {
  await using k = await startKvflow();
  await using official = await connectOfficial(k.joined);
  const { kv } = k.nats;
  const bucket = 'b';
  await kv.createBucket(soon(), bucket, { history: 3 });
  const keys = Array.from({ length: 20 }, (_, i) => `k.${i}`);
  await kv.transact(soon(), { bucket, operations: keys.map(key => put(key, 'v')) });
  const checks = keys.map((key, i) => ({ key, revision: i + 1 }));
  await kv.transact(soon(), { bucket, checks, operations: [put('sum', '20', { expectedRevision: 0 })] });
  expect(await kv.history(soon(), bucket, 'k.3')).toHaveLength(1);
  const opened = await official.kvm.open(bucket);
  const listed: string[] = [];
  for await (const key of await opened.keys()) listed.push(key);
  expect(listed.sort()).toEqual([...keys, 'sum'].sort());
  await kv.put(soon(), { bucket, key: 'k.19', value: 'w' });
  const late = kv.transact(soon(), { bucket, checks, operations: [put('sum', '21')] });
  await expect(late).rejects.toMatchObject({
    code: 'REVISION_CONFLICT',
    details: { conflicts: [{ key: 'k.19', expected_revision: 20 }] },
  });
  expect(text(await kv.get(soon(), { bucket, key: 'sum' }))).toBe('20');
});

test('transact - the key of guards is nobody’s, in plain and in base64', async () => {
  await using k = await startKvflow();
  for (const key_encoding of ['none', 'base64']) {
    const bucket = key_encoding;
    await k.call('kv-bucket-create', { bucket, key_encoding });
    const key = '_kvflow/guard';
    for (const [name, input] of [
      ['kv-key-put', { value: 'x' }],
      ['kv-key-get', {}],
      ['kv-key-delete', {}],
      ['kv-key-increment', {}],
      ['kv-key-history', {}],
    ] as const) {
      expect(await k.fail(name, { bucket, key, ...input })).toMatchObject({
        code: 'INVALID_INPUT',
        errors: [{ pointer: '/key' }],
      });
    }
    // More checks than operations: the markers still go to that key.
    const checks = ['a', 'b', 'c'].map(each => ({ key: each, revision: 0 }));
    await k.call('kv-transact', { bucket, checks, operations: [{ op: 'put', key: 'd', value: 'x' }] });
    expect(await k.call('kv-key-list', { bucket })).toMatchObject({ items: [{ key: 'd' }] });
    expect(await k.call('kv-key-list', { bucket, deleted: true })).toMatchObject({ items: [] });
    await k.call('kv-key-put', { bucket, key: '_kvflow/guard/x', value: 'x' });
  }
});

test('transact - checks alone are a read', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  const bucket = 'b';
  await kv.createBucket(soon(), bucket, {});
  await kv.put(soon(), { bucket, key: 'a', value: '1' });
  const checks = [
    { key: 'a', revision: 1 },
    { key: 'b', revision: 0 },
  ];
  expect(await kv.transact(soon(), { bucket, checks, operations: [] })).toEqual({ results: [] });
  await kv.put(soon(), { bucket, key: 'b', value: '1' });
  await expect(kv.transact(soon(), { bucket, checks, operations: [] })).rejects.toMatchObject({
    code: 'REVISION_CONFLICT',
  });
});

test('transact - a bucket without transactions says how it gets them, a mirror where they are', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), 'old', { transactions: false });
  await kv.createBucket(soon(), 'copy', { mirror: { name: 'old' } });
  const two = [put('a', '1'), put('b', '2')];
  const refused = kv.transact(soon(), { bucket: 'old', operations: two });
  await expect(refused).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('kv-bucket-update'),
  });
  const copied = kv.transact(soon(), { bucket: 'copy', operations: two });
  await expect(copied).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('"old"'),
  });
  // One write of one key needs nothing that the bucket does not have.
  await kv.transact(soon(), { bucket: 'old', operations: [put('a', '1', { expectedRevision: 0 })] });
  expect((await kv.createBucket(soon(), 'old', {})).created).toBe(false);
  expect(await kv.updateBucket(soon(), 'old', { transactions: true })).toMatchObject({ transactions: true });
  await kv.transact(soon(), { bucket: 'old', operations: two });
});

test('transact - callers that meet: each key counts every one of them', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  const bucket = 'b';
  await kv.createBucket(soon(), bucket, {});
  const count = async (keys: string[]): Promise<void> => {
    for (;;) {
      const { found } = await kv.getTogether(soon(), bucket, keys);
      const operations = keys.map((key, i) => {
        const entry = found[i];
        return put(key, String(Number(text(entry) ?? 0) + 1), {
          expectedRevision: isEntry(entry) ? entry.revision : 0,
        });
      });
      try {
        await kv.transact(soon(), { bucket, operations });
        return;
      } catch (error) {
        if ((error as PackError).code !== 'REVISION_CONFLICT') throw error;
      }
    }
  };
  const callers = Array.from({ length: 24 }, (_, i) => count([`k.${i % 3}`, `k.${(i + 1) % 3}`]));
  await Promise.all(callers);
  const { found } = await kv.getTogether(soon(), bucket, ['k.0', 'k.1', 'k.2']);
  expect(found.map(text)).toEqual(['16', '16', '16']);
});

test('transact - a key with a ttl in a bucket with history: when it ends no older value comes back', async () => {
  await using k = await startKvflow();
  await using official = await connectOfficial(k.joined);
  const { kv } = k.nats;
  const bucket = 'b';
  await kv.createBucket(soon(), bucket, { history: 5, key_ttl: true });
  const key = await whileAlive(1_000, async ms => {
    const key = `a.${ms}`;
    const { revision: expectedRevision } = await kv.put(soon(), { bucket, key, value: 'old' });
    const short = { bucket, key, value: 'short', ttl: ms * 1e6, expectedRevision };
    const { revision } = await kv.put(soon(), short);
    expect(await kv.get(soon(), { bucket, key })).toMatchObject({ revision });
    return key;
  });
  const opened = await official.kvm.open(bucket);
  const seen = new Set<string>();
  const look = async () => {
    const [ours, theirs] = await Promise.all([kv.get(soon(), { bucket, key }), opened.get(key)]);
    seen.add(`${text(ours)} ${theirs?.operation === 'PUT' ? theirs.string() : theirs?.operation}`);
  };
  await eventually(async () => {
    await look();
    expect(seen).toContain('undefined DEL');
  });
  for (const end = Date.now() + 500; Date.now() < end; ) await look();
  expect([...seen].filter(each => each.includes('old'))).toEqual([]);
  expect(text((await kv.history(soon(), bucket, key))[0])).toBe('old');
});

test('watches and lists show neither guards nor end markers, and a watch tells the end of a value with history', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  const bucket = 'b';
  await kv.createBucket(soon(), bucket, { history: 5, key_ttl: true });
  const watch = await kv.watch(soon(), { bucket, filter: '>', start: 'new' });
  const checks = ['x', 'y', 'z'].map(key => ({ key, revision: 0 }));
  await kv.transact(soon(), { bucket, checks, operations: [put('a', 'kept')] });
  const n = await whileAlive(300, async ms => {
    const short = { bucket, ttl: ms * 1e6 };
    await kv.put(soon(), { bucket, key: `c.${ms}`, value: 'kept' });
    await kv.put(soon(), { ...short, key: `b.${ms}`, value: 'replaced' });
    await kv.put(soon(), { ...short, key: `c.${ms}`, value: 'short' });
    await kv.put(soon(), { bucket, key: `b.${ms}`, value: 'stays' });
    return ms;
  });
  const told = [`c.${n} kept`, `b.${n} replaced`, `c.${n} short`, `b.${n} stays`, `c.${n} expire`];
  const seen: string[] = [];
  while (!seen.includes(`c.${n} expire`)) {
    for (const event of await watch.next(10, 5_000)) {
      seen.push(`${event.key} ${'operation' in event ? event.operation : text(event)}`);
    }
  }
  watch.close();
  expect(seen[0]).toBe('a kept');
  expect(seen.filter(each => /^[bc]/.test(each) && each.includes(`.${n} `))).toEqual(told);
  const deleted = await kv.listDeleted(soon(), { bucket, startSeq: 0, limit: 10, filter: '>' });
  expect(deleted.entries.at(-1)).toMatchObject({ key: `c.${n}`, operation: 'expire' });
  expect(deleted.entries.every(({ key }) => key.startsWith('c.'))).toBe(true);
  const keys = await kv.keys(soon(), bucket, '>');
  expect(keys.filter(key => !/^[bc]\.\d+$/.test(key))).toEqual(['a']);
  expect(keys).toEqual(expect.arrayContaining([`b.${n}`, `c.${n}`]));
});
