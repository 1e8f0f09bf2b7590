import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { whileAlive } from '../support/while-alive.ts';
import { bucketOf, MS, SECOND, startBucket } from './kv.ts';

describe('kv-bucket-import', () => {
  test('brings an export back byte for byte, base64 keys too', async () => {
    await using k = await startKvflow();
    const [bucket, copy] = [bucketOf(k, 'prefs'), bucketOf(k, 'copy')];
    await bucket.create({ key_encoding: 'base64' });
    const values = Array.from({ length: 300 }, (_, index) => randomBytes(index));
    await bucket.putMany(
      values.map((value, index) => ({
        key: `größe ${index}.€`,
        value: value.toString('base64'),
        encoding: 'base64',
      })),
    );
    await bucket.putMany(
      ['', '\ufeffmark', 'a\u0000b', '{"x": 1 }'].map((value, index) => ({ key: `text ${index}`, value })),
    );
    const { header, records } = await bucket.export();
    await copy.create(header?.options);
    expect(await copy.import(records)).toEqual({
      imported: 304,
      skipped: 0,
      expired: 0,
      renewed: 0,
      failed: [],
    });
    const content = ({ key, value, encoding }: { key: string; value?: unknown; encoding?: string }) => [
      key,
      value,
      encoding,
    ];
    const back = (await copy.export()).records.map(content);
    expect(back.sort()).toEqual(records.map(content).sort());
    for (const [index, value] of values.entries()) {
      const got = await copy.get(`größe ${index}.€`);
      expect(Buffer.from(got.value as string, got.encoding ?? 'utf8').equals(value)).toBe(true);
    }
  });

  test('keeps the end of each item', async () => {
    await using k = await startKvflow();
    const [bucket, copy] = [bucketOf(k, 'sessions'), bucketOf(k, 'copy')];
    await bucket.create({ ttl: 3600 * SECOND, key_ttl: true });
    await bucket.put('own', 'x', { ttl: 90_500 * MS });
    await bucket.put('common', 'x');
    const { header, records } = await whileAlive(500, async ms => {
      await bucket.put('brief', 'x', { ttl: ms * MS });
      const exported = await bucket.export();
      expect(exported.records).toHaveLength(3);
      return exported;
    });
    await copy.create(header?.options);
    await eventually(() => bucket.fail('kv-key-get', { key: 'brief' }));
    expect(await copy.import(records)).toMatchObject({ imported: 2, expired: 1, renewed: 0, failed: [] });
    for (const key of ['own', 'common']) {
      const [there, here] = [await bucket.get(key), await copy.get(key)];
      expect(
        Math.abs(Date.parse(there.expires_at ?? '') - Date.parse(here.expires_at ?? '')),
      ).toBeLessThanOrEqual(50);
    }
  });

  test.each([1, 4])(
    'history %p: what passes before an item is sent makes its life no longer',
    async history => {
      await using bucket = await startBucket('sessions', { key_ttl: true, history });
      const k = bucket.kvflow;
      const call = soon();
      const put = { value: 'x', ttl: 3_600 * SECOND, ttlAt: performance.now() - 1_800_000 };
      await k.nats.kv.putMany(call, 'sessions', [{ key: 'many', ...put }]);
      if (history === 1) await k.nats.kv.put(call, { bucket: 'sessions', key: 'one', ...put });
      const [revision, source] = [1, 'b.1'];
      const revisions = [{ key: 'past', revision, ...put }];
      await k.nats.kv.importHistory(call, { bucket: 'sessions', source, revisions, onConflict: 'skip' });
      for (const { key, expires_at } of (await bucket.list()).items) {
        const minutes = Math.round((Date.parse(expires_at ?? '') - Date.now()) / 60_000);
        expect([key, minutes]).toEqual([key, 30]);
      }
    },
  );

  test('never lengthens a life silently: a bucket that cannot keep it refuses or counts it', async () => {
    await using k = await startKvflow();
    const [plain, aged] = [bucketOf(k, 'plain'), bucketOf(k, 'aged')];
    await plain.create();
    await aged.create({ ttl: 3600 * SECOND });
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const records = [
      { key: 'own', value: 'x', ttl: 90 * SECOND, expires_at },
      { key: 'common', value: 'x', expires_at },
    ];
    const refused = await plain.import(records);
    expect(refused.imported).toBe(0);
    expect(refused.failed).toMatchObject([
      { index: 0, key: 'own', error: { code: 'INVALID_INPUT', errors: [{ pointer: '/ttl' }] } },
      { index: 1, key: 'common', error: { code: 'INVALID_INPUT' } },
    ]);
    expect(await aged.import(records)).toMatchObject({ imported: 1, renewed: 1, failed: [{ index: 0 }] });
  });

  test('goes by the clock of the server, however wrong that of kvflow is', async () => {
    await using bucket = await startBucket('prefs', { key_ttl: true });
    const k = bucket.kvflow;
    const { now } = k.nats.kv;
    const hour = 3_600_000;
    const records = (server: number) => [
      { key: 'past', value: 'x', expires_at: new Date(server - 60_000).toISOString() },
      { key: 'next', value: 'x', expires_at: new Date(server + 600_000).toISOString() },
    ];
    for (const ahead of [-hour, hour]) {
      const server = Date.now() + ahead;
      Object.assign(k.nats.kv, { now: async () => Date.now() + ahead });
      const done = await bucket.import(records(server), { on_conflict: 'overwrite' });
      expect(done).toMatchObject({ imported: 1, expired: 1, failed: [] });
      Object.assign(k.nats.kv, { now });
      const left = Date.parse((await bucket.get('next')).expires_at ?? '') - Date.now();
      expect(Math.abs(left - 600_000)).toBeLessThan(60_000);
    }
  });

  test('skip keeps what is there', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.put('a', 'mine');
    await bucket.put('b', 'gone');
    await bucket.remove('b');
    const records = ['a', 'b', 'c', 'c'].map((key, index) => ({ key, value: `theirs ${index}` }));
    expect(await bucket.import(records)).toMatchObject({ imported: 2, skipped: 2 });
    expect((await bucket.getMany(['a', 'b', 'c'])).items.map(item => item.value)).toEqual([
      'mine',
      'theirs 1',
      'theirs 2',
    ]);
    expect(await bucket.import(records)).toMatchObject({ imported: 0, skipped: 4 });
  });

  test('overwrite replaces it, the last of several winning', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.put('a', 'mine');
    const records = ['a', 'a', 'b'].map((key, index) => ({ key, value: `theirs ${index}` }));
    expect(await bucket.import(records, { on_conflict: 'overwrite' })).toMatchObject({
      imported: 3,
      skipped: 0,
    });
    expect((await bucket.get('a')).value).toBe('theirs 1');
  });

  test('fail names the first key that exists and writes nothing', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.put('k7', 'mine');
    await bucket.put('k3', 'mine');
    const records = Array.from({ length: 10 }, (_, index) => ({ key: `k${index}`, value: 'x' }));
    const error = await bucket.fail('kv-bucket-import', { records, on_conflict: 'fail' });
    expect(error).toMatchObject({
      code: 'REVISION_CONFLICT',
      status_code: 409,
      details: { key: 'k3', current_revision: 2, imported: 0 },
    });
    expect(error.message).toContain('"k3"');
    expect((await bucket.info()).values).toBe(2);
    await bucket.purge({ filter: '>' });
    const all = await bucket.import(records, { on_conflict: 'fail' });
    expect(all).toMatchObject({ imported: 10, skipped: 0 });
  });

  test('fail stops at a key that comes twice and tells how many were imported', async () => {
    await using bucket = await startBucket('prefs');
    const records = ['a', 'b', 'a'].map(key => ({ key, value: 'x' }));
    const error = await bucket.fail('kv-bucket-import', { records, on_conflict: 'fail' });
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { key: 'a', imported: 2 } });
  });

  test('tells which records could not be written, and writes the others', async () => {
    await using bucket = await startBucket('prefs', { max_value_size: 400 });
    const answer = await bucket.import([
      { key: 'a', value: 'x' },
      { key: 'no key', value: 'x' },
      { key: 'b', value: 'x'.repeat(900) },
      { key: 'c', value: '?', encoding: 'base64' },
      { key: 'd', value: { an: 'object' } },
    ]);
    expect(answer.imported).toBe(2);
    expect(answer.failed.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'INVALID_INPUT'],
      [2, 'VALUE_TOO_LARGE'],
      [3, 'INVALID_INPUT'],
    ]);
  });

  test('fail tells of a key that cannot be one with its record', async () => {
    await using bucket = await startBucket('prefs');
    const records = ['a', 'no key'].map(key => ({ key, value: 'x' }));
    const answer = await bucket.import(records, { on_conflict: 'fail' });
    expect(answer).toMatchObject({ imported: 1, failed: [{ index: 1, error: { code: 'INVALID_INPUT' } }] });
  });

  test('answers a bucket that is not there', async () => {
    await using k = await startKvflow();
    const error = await bucketOf(k, 'nowhere').fail('kv-bucket-import', {
      records: [{ key: 'a', value: 'x' }],
    });
    expect(error.code).toBe('BUCKET_NOT_FOUND');
  });
});
