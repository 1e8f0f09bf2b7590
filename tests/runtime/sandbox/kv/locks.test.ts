import { afterEach, expect, jest, test } from '@jest/globals';
import type { KeyHolder } from '../../../../runtime/sandbox/kv/locks.ts';
import { sharedLocks } from '../../../../runtime/sandbox/kv/shared-locks.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('sandbox - a key whose event was answered and did not release it is freed by the watchdog, which says so', async () => {
  jest.useFakeTimers();
  const told: number[] = [];
  const { locks, done } = sharedLocks(count => told.push(count))('a store');
  let isAnswered = false;
  const left = holder(1, () => isAnswered);
  const next = holder(2);
  expect([locks.acquire(left, 'a'), locks.acquire(left, 'b')]).toEqual([true, true]);
  const waiting = [locks.acquire(next, 'a'), locks.acquire(next, 'b')];

  jest.advanceTimersByTime(5_000);
  expect([told, left.over]).toEqual([[], false]);
  isAnswered = true;
  jest.advanceTimersByTime(1_000);
  expect(await Promise.all(waiting)).toEqual([true, true]);
  expect([told, left.over, [...next.keys]]).toEqual([[1], true, ['a', 'b']]);
  done();
  expect(jest.getTimerCount()).toBe(0);
});

function holder(seq: number, answered = () => false): KeyHolder {
  return { seq, restart: () => {}, keys: [], answered, over: false };
}
