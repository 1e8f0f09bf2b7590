import { describe, expect, test } from '@jest/globals';
import { SECOND, startBucket } from './kv.ts';

describe('kv-key-revert', () => {
  test('writes an older value again, byte for byte', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    await prefs.put('a', '/wA=', { encoding: 'base64' });
    await prefs.put('a', 'text');
    expect(await prefs.revert('a', 1)).toEqual({ bucket: 'prefs', key: 'a', revision: 3, reverted_to: 1 });
    expect(await prefs.get('a')).toMatchObject({ value: '/wA=', encoding: 'base64', revision: 3 });
    expect((await prefs.history('a')).items).toHaveLength(3);
  });

  test('brings a deleted item back', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    await prefs.put('a', '1');
    await prefs.remove('a');
    expect(await prefs.revert('a', 1)).toMatchObject({ revision: 3, reverted_to: 1 });
    expect(await prefs.get('a')).toMatchObject({ value: '1' });
  });

  test('a delete is no value to go back to', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    await prefs.put('a', '1');
    await prefs.remove('a');
    await prefs.put('a', '2');
    const error = await prefs.fail('kv-key-revert', { key: 'a', revision: 2 });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', details: { operation: 'delete' } });
    expect(error.message).toContain('revision 2');
  });

  test('a revision of another key, or one that is not kept, is not found', async () => {
    await using prefs = await startBucket('prefs', { history: 2 });
    await prefs.put('b', 'other');
    for (const value of ['1', '2', '3']) await prefs.put('a', value);
    for (const revision of [1, 2, 99]) {
      expect((await prefs.fail('kv-key-revert', { key: 'a', revision })).code).toBe('KEY_NOT_FOUND');
    }
    expect((await prefs.revert('a', 3)).revision).toBe(5);
  });

  test('does not overwrite what the caller has not seen', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    for (const value of ['1', '2', '3']) await prefs.put('a', value);
    const error = await prefs.fail('kv-key-revert', { key: 'a', revision: 1, expected_revision: 2 });
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 3 } });
    expect(await prefs.revert('a', 1, { expected_revision: 3 })).toMatchObject({ revision: 4 });
  });

  test('to the current revision changes nothing, a ttl least of all', async () => {
    await using prefs = await startBucket('prefs', { key_ttl: true });
    await prefs.put('a', '1', { ttl: 60 * SECOND });
    expect(await prefs.revert('a', 1)).toMatchObject({ revision: 1, reverted_to: 1 });
    expect((await prefs.get('a')).expires_at).toBeDefined();
    const error = await prefs.fail('kv-key-revert', { key: 'a', revision: 1, expected_revision: 0 });
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 1 } });
  });

  test('of many at once, one wins and the others are told', async () => {
    await using prefs = await startBucket('prefs', { history: 64 });
    await prefs.put('a', '1');
    await prefs.put('a', '2');
    const input = { bucket: 'prefs', key: 'a', revision: 1, expected_revision: 2 };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => prefs.kvflow.invoke('kv-key-revert', input)),
    );
    expect(answers.filter(answer => answer.status_code === 200)).toHaveLength(1);
    expect(answers.filter(answer => answer.status_code === 409)).toHaveLength(19);
  });
});
