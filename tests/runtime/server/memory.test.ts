import { expect, test } from '@jest/globals';
import { jsonWeight } from '../../../runtime/core/json-weight.ts';
import { createByteBudget } from '../../../runtime/server/memory/byte-budget.ts';
import { readWithin } from '../../../runtime/server/memory/reads.ts';

const MIB = 1024 * 1024;

test('budget - refuses what would pass it at once, and lets those who wait in by turns', async () => {
  const budget = createByteBudget(100);
  budget.take(60);
  expect(() => budget.take(41)).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
  const order: string[] = [];
  const large = budget.wait(90, Date.now() + 60_000).then(() => order.push('large'));
  const small = budget.wait(10, Date.now() + 60_000).then(() => order.push('small'));
  // The second would fit, and does not pass the first.
  expect([budget.tryTake(10), budget.free()]).toEqual([false, 40]);
  budget.give(60);
  await Promise.all([large, small]);
  expect([order, budget.free()]).toEqual([['large', 'small'], 0]);
  await expect(budget.wait(1, Date.now() - 1)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    details: { retry_after_ms: expect.any(Number) },
  });
  budget.give(100);
  // What is larger than the whole comes in alone.
  budget.take(500);
  expect(() => budget.take(1)).toThrow();
});

test('reads - the more run at once the less each may answer, and all is given back when their answers are sent', async () => {
  const budget = createByteBudget(64 * MIB);
  const releases: (() => void)[] = [];
  const shares: number[] = [];
  const read = (name: string) =>
    readWithin(budget, {
      name,
      timeoutMs: 1,
      held: release => void releases.push(release),
      run: async share => {
        shares.push(share);
        await Promise.resolve();
        return { status_code: 200, data: { value: 'x'.repeat(MIB) } };
      },
    });
  const answers = await Promise.all(Array.from({ length: 16 }, () => read('kv-key-list')));
  expect(shares.every(share => share === 2 * MIB)).toBe(true);
  expect(answers.filter(({ status_code }) => status_code === 200)).toHaveLength(shares.length);
  expect(answers.length - shares.length).toBe(
    answers.filter(({ status_code }) => status_code === 429).length,
  );
  expect(budget.free()).toBeLessThan(64 * MIB);
  for (const release of releases) release();
  expect(budget.free()).toBe(64 * MIB);
});

test('weight - objects and lists weigh more than their text', () => {
  const empties = `[${'{},'.repeat(1_000)}{}]`;
  expect(jsonWeight(empties) / empties.length).toBeGreaterThan(30);
  expect(jsonWeight(Buffer.from(empties))).toBe(jsonWeight(empties));
  // Wherever in memory it begins, and whatever byte stands beside those that count.
  const all = Buffer.from(Array.from({ length: 256 }, (_, code) => [code, 0x7b, 0x2c, 0x5b, code]).flat());
  for (let from = 0; from < 8; from++) {
    for (const end of [from + 1, from + 2, from + 3, all.length])
      expect(jsonWeight(all.subarray(from, end))).toBe(jsonWeight(all.toString('latin1', from, end)));
  }
  const text = JSON.stringify('x'.repeat(10_000));
  expect(jsonWeight(text) / text.length).toBe(4);
});
