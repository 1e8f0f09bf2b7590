import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf, ENDS, madeBucket, startBucket } from './kv.ts';

describe('kv-key-delete', () => {
  test('deletes an item, tells when, and keeps its history', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    await prefs.put('a', '1');
    expect(await prefs.remove('a')).toEqual({ bucket: 'prefs', key: 'a', deleted: true, revision: 2 });
    const error = await prefs.fail('kv-key-get', { key: 'a' });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', details: { operation: 'delete' } });
    expect(error.details?.deleted_at).toMatch(/^\d{4}-.*Z$/);
    expect(await prefs.get('a', { revision: 1 })).toMatchObject({ value: '1' });
  });

  test('a second delete finds nothing and writes nothing', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.put('a', '1');
    await prefs.remove('a');
    expect(await prefs.remove('a')).toEqual({ bucket: 'prefs', key: 'a', deleted: false });
    expect((await prefs.info()).last_seq).toBe(2);
  });

  test.each(ENDS)('answers deleted: false on a key that was $name', async ({ end }) => {
    await using prefs = await startBucket('prefs', { key_ttl: true });
    await end(prefs, 'a');
    expect((await prefs.remove('a')).deleted).toBe(false);
  });

  test('deletes only the revision that is expected', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.put('a', '1');
    await prefs.put('a', '2');
    const error = await prefs.fail('kv-key-delete', { key: 'a', expected_revision: 1 });
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 2 } });
    expect((await prefs.remove('a', { expected_revision: 2 })).deleted).toBe(true);
    const gone = await prefs.fail('kv-key-delete', { key: 'a', expected_revision: 2 });
    expect(gone).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 0 } });
  });

  test('is a delete to the official client, and its deletes are deletes to us', async () => {
    await using k = await startWithOfficial();
    const prefs = await madeBucket(k, 'prefs', { history: 5 });
    const kv = await k.official.kvm.open('prefs');
    await prefs.put('a', '1');
    await prefs.remove('a');
    expect(await kv.get('a')).toMatchObject({ operation: 'DEL' });
    await kv.put('b', '1');
    await kv.delete('b');
    const error = await prefs.fail('kv-key-get', { key: 'b' });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', details: { operation: 'delete' } });
  });

  test('create after delete works, and the item is a new one', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    await prefs.put('a', '1', { expected_revision: 0 });
    await prefs.remove('a');
    expect((await prefs.put('a', '2', { expected_revision: 0 })).revision).toBe(3);
    expect((await prefs.history('a')).items.map(item => item.operation)).toEqual(['put', 'delete', 'put']);
  });

  test('of a mirror deletes in the origin', async () => {
    await using k = await startKvflow();
    const [origin, mirror] = [bucketOf(k, 'origin'), bucketOf(k, 'copy')];
    await origin.create();
    await origin.put('a', '1');
    await mirror.create({ mirror: { name: 'origin' } });
    await eventually(() => mirror.get('a'));
    expect((await mirror.remove('a')).deleted).toBe(true);
    expect((await origin.fail('kv-key-get', { key: 'a' })).code).toBe('KEY_NOT_FOUND');
    await eventually(async () => expect((await mirror.list()).items).toEqual([]));
  });

  test('takes any text as a key where keys are base64', async () => {
    await using prefs = await startBucket('prefs', { key_encoding: 'base64' });
    await prefs.put('größe: 1 €.*', 'x');
    expect((await prefs.remove('größe: 1 €.*')).deleted).toBe(true);
  });
});
