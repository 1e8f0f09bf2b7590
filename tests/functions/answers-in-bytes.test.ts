/** Answers have at most 8 MiB of values; what was left out is named, and is not called missing. */
import { expect, test } from '@jest/globals';
import type { KvKeyGetManyOutput, KvKeyHistoryOutput } from '../../contract/types.gen.ts';
import { startBucket } from './kv.ts';

const MIB = 1024 * 1024;
const VALUE = 'x'.repeat(600_000);
const LARGE = 'x'.repeat(100_000);

for (const consistent of [false, true]) {
  test(`kv-key-get-many${consistent ? ' consistent' : ''} - large values come in parts, each once, and what is not there is missing`, async () => {
    await using b = await startBucket('b', { storage: 'memory' });
    const keys = Array.from({ length: 300 }, (_, index) => `k.${index}`);
    await Promise.all(keys.map(key => b.put(key, LARGE)));
    const found: string[] = [];
    const missing = new Set<string>();
    let calls = 0;
    for (let asked = [...keys, 'never']; asked.length > 0; calls++) {
      const input = { bucket: 'b', keys: asked, consistent };
      const answer = (await b.kvflow.call('kv-key-get-many', input)) as unknown as KvKeyGetManyOutput;
      expect(answer.items.length * LARGE.length).toBeLessThanOrEqual(8 * MIB);
      found.push(...answer.items.map(({ key }) => key));
      for (const key of answer.missing) missing.add(key);
      asked = answer.left_out ?? [];
    }
    expect(found.toSorted()).toEqual(keys.toSorted());
    expect([...missing]).toEqual(['never']);
    expect(calls).toBeGreaterThan(2);
  });
}

for (const history of [false, true]) {
  test(`kv-bucket-export${history ? ' of a history' : ''} - a page ends before its values pass 8 MiB, and nothing is lost`, async () => {
    await using b = await startBucket('b', { storage: 'memory', history: 20 });
    for (let index = 0; index < 20; index++) await b.put(history ? 'k' : `k.${index}`, VALUE);
    const revisions: number[] = [];
    for (let after = 0, more = true; more; ) {
      const page = await b.export({ after, history });
      expect(page.records.length).toBeLessThanOrEqual(Math.floor((8 * MIB) / VALUE.length));
      revisions.push(...page.records.map(({ revision }) => revision));
      [after, more] = [page.next, page.has_more];
    }
    expect(revisions).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
}

test('kv-key-history - values beyond 8 MiB are left out and named', async () => {
  await using b = await startBucket('b', { storage: 'memory', history: 20 });
  for (let index = 0; index < 20; index++) await b.put('k', VALUE);
  const { items, left_out = [] } = (await b.kvflow.call('kv-key-history', {
    bucket: 'b',
    key: 'k',
  })) as unknown as KvKeyHistoryOutput;
  expect(items).toHaveLength(20);
  expect(items.filter(({ value }) => value === undefined).map(({ revision }) => revision)).toEqual(left_out);
  expect(left_out).toHaveLength(20 - Math.floor((8 * MIB) / VALUE.length));
});
