import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { whileAlive } from '../support/while-alive.ts';
import { bucketOf, clockIsRight, ENDS, MS, SECOND, startBucket } from './kv.ts';

describe('kv-key-touch', () => {
  test('gives a new ttl and keeps the value', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    await sessions.put('a', '/wA=', { encoding: 'base64', ttl: 60 * SECOND });
    const { revision, expires_at } = await sessions.touch('a', { ttl: 600 * SECOND });
    expect(await sessions.get('a')).toMatchObject({ value: '/wA=', encoding: 'base64', revision });
    expect(Math.abs(Date.parse(expires_at ?? '') - Date.now() - 600_000)).toBeLessThan(5_000);
  });

  test('what it answers and what a get answers about the end is the same but for the time it was under way', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    await sessions.put('a', 'x', { ttl: 30_500 * MS });
    await clockIsRight(sessions.kvflow, 'sessions');
    const sent = performance.now();
    const { expires_at } = await sessions.touch('a', { ttl: 90_500 * MS });
    const took = performance.now() - sent;
    const got = await sessions.get('a');
    const later = Date.parse(got.expires_at ?? '') - Date.parse(expires_at ?? '');
    expect(later).toBeGreaterThanOrEqual(-15);
    expect(later).toBeLessThanOrEqual(took + 15);
    expect(Date.parse(got.expires_at ?? '') - Date.parse(got.created_at)).toBe(90_500);
  });

  test('keeps an item alive past its first end, with the ttl it was written with', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    // In all less than one round more than there are: none of them was as long as the ttl.
    const key = await whileAlive(2_200, async ms => {
      const key = `a.${ms}`;
      await sessions.put(key, 'x', { ttl: Math.round(ms / 2.2) * MS });
      for (let round = 0; round < 4; round++) {
        await sleep(ms / 5.5);
        await sessions.touch(key);
      }
      expect((await sessions.get(key)).value).toBe('x');
      return key;
    });
    const ended = await eventually(() => sessions.fail('kv-key-get', { key }));
    expect(ended.details).toMatchObject({ operation: 'expire' });
  });

  test('0 takes the ttl away, as a plain put does', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    const life = await whileAlive(300, async ms => {
      await sessions.put(`a.${ms}`, 'x', { ttl: ms * MS });
      await sessions.put(`b.${ms}`, 'x', { ttl: ms * MS });
      expect((await sessions.touch(`a.${ms}`, { ttl: 0 })).expires_at).toBeUndefined();
      await sessions.put(`b.${ms}`, 'y');
      return ms;
    });
    await sleep(life + 1_100);
    expect((await sessions.get(`a.${life}`)).expires_at).toBeUndefined();
    expect((await sessions.get(`b.${life}`)).value).toBe('y');
  });

  test('starts the ttl of the bucket over where the item has none of its own', async () => {
    await using sessions = await startBucket('sessions', { ttl: 60 * SECOND });
    await sessions.put('a', 'x');
    const before = await sessions.get('a');
    await sleep(300);
    await sessions.touch('a');
    const after = await sessions.get('a');
    expect(Date.parse(after.expires_at ?? '')).toBeGreaterThanOrEqual(
      Date.parse(before.expires_at ?? '') + 290,
    );
  });

  test.each(ENDS)('does not bring back what was $name', async ({ end }) => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    await end(sessions, 'a');
    const error = await sessions.fail('kv-key-touch', { key: 'a', ttl: SECOND });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', status_code: 404 });
    expect(error.details?.deleted_at).toBeDefined();
  });

  test('refuses what cannot be honoured and says how to allow it', async () => {
    await using k = await startKvflow();
    const [plain, historic, short] = ['plain', 'historic', 'short'].map(name => bucketOf(k, name));
    await plain?.create();
    await historic?.create({ key_ttl: true, history: 3, transactions: false });
    await short?.create({ key_ttl: true, ttl: 10 * SECOND });
    for (const [bucket, advice] of [
      [plain, /key_ttl/],
      [historic, /history: 1/],
      [short, /longer than the ttl of bucket/],
    ] as const) {
      await bucket?.put('a', 'x');
      const error = await bucket?.fail('kv-key-touch', { key: 'a', ttl: 60 * SECOND });
      expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/ttl' }] });
      expect(error?.message).toMatch(advice);
    }
  });

  test('an item without any ttl has none to renew', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    await sessions.put('a', 'x');
    expect(await sessions.fail('kv-key-touch', { key: 'a' })).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ pointer: '/ttl' }],
    });
  });

  test('touches only the revision that is expected', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    await sessions.put('a', '1', { ttl: 60 * SECOND });
    await sessions.put('a', '2', { ttl: 60 * SECOND });
    const error = await sessions.fail('kv-key-touch', { key: 'a', expected_revision: 1 });
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 2 } });
    expect(await sessions.touch('a', { expected_revision: 2 })).toMatchObject({ revision: 3 });
  });

  test('never loses a write that comes in between', async () => {
    await using sessions = await startBucket('sessions', { key_ttl: true });
    await sessions.put('a', '0', { ttl: 60 * SECOND });
    for (let round = 1; round <= 50; round++) {
      await Promise.all([
        sessions.put('a', String(round), { ttl: 60 * SECOND }),
        ...Array.from({ length: 4 }, () =>
          sessions.kvflow.invoke('kv-key-touch', { bucket: 'sessions', key: 'a' }),
        ),
      ]);
      expect((await sessions.get('a')).value).toBe(String(round));
    }
  });
});
