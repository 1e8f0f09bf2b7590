/** Ends that leave nothing behind are read before they come, in parts where there are many, and each is told once. */
import { expect, test } from '@jest/globals';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { steadyNow } from '../../../runtime/nats/kv/bucket/server-clock.ts';
import type { End } from '../../../runtime/nats/kv/list/end-list.ts';
import { createEnds } from '../../../runtime/nats/kv/list/ends.ts';

const TTL_MS = 60_000;
const COUNT = 25_000;
/** What the server delivers at once. */
const PULL = 5_000;

/** A bucket with a ttl at a moment that the test sets, and what it holds. */
function bucketAt(start: number, atOf: (index: number) => number) {
  let now = start;
  const config = { max_age: TTL_MS * 1_000_000, max_msgs_per_subject: 1 };
  const handle = {
    config,
    origin: { config },
    get clockOffset() {
      return now - steadyNow();
    },
  } as unknown as BucketHandle;
  const all: End[] = Array.from({ length: COUNT }, (_, index) => ({
    key: `k${index}`,
    at: atOf(index),
    revision: index + 1,
  }));
  const there = () => all.filter(({ at }) => at > now);
  const read = async (atLeast: number) => there().slice(0, Math.ceil(atLeast / PULL) * PULL);
  const firstRevision = async () => there()[0]?.revision ?? COUNT + 1;
  return { handle, read, firstRevision, first: all[0]?.at ?? 0, move: (ms: number) => (now += ms) };
}

for (const [name, atOf] of [
  ['one after the other', (index: number) => TTL_MS + index],
  ['all at the same moment', () => TTL_MS + 1],
  ['in two bursts', (index: number) => TTL_MS + (index < 12_000 ? 0 : 4_000)],
] as const) {
  test(`ends - of ${COUNT} values, ${name}, each is told once`, async () => {
    const bucket = bucketAt(1_000, atOf);
    const ends = createEnds(bucket.handle, {
      told: { ended: 1_000 },
      firstEndAt: bucket.first - 1,
      isEmpty: false,
      isResumed: false,
      saysPlace: () => true,
      read: bucket.read,
      firstRevision: bucket.firstRevision,
    });
    const told: string[] = [];
    for (let step = 0; step < 2_000; step++) {
      const before = ends.told();
      const taken = ends.take(1_000);
      told.push(...taken.map(({ event }) => event.key));
      // A watch that goes on before an end would be told of it: no place is behind one that is still to be told.
      if (taken.length > 0) expect(before?.ended).toBeLessThan(TTL_MS + COUNT);
      await ends.reading();
      if (taken.length === 0) bucket.move(100);
    }
    expect(ends.lost()).toBe(false);
    expect(told).toHaveLength(COUNT);
    expect(new Set(told).size).toBe(COUNT);
    expect(ends.told()?.ended).toBeGreaterThan(TTL_MS + COUNT);
  });
}

test('ends - what ended before it could be read is told as lost, where a watch went on', async () => {
  const bucket = bucketAt(1_000, index => TTL_MS + index);
  const past = { told: { ended: TTL_MS - 1, endedRevision: 1 }, firstEndAt: TTL_MS - 1, isEmpty: false };
  const rest = { saysPlace: () => true, read: bucket.read, firstRevision: bucket.firstRevision };
  const inTime = createEnds(bucket.handle, { ...past, ...rest, isResumed: true });
  bucket.move(TTL_MS - 2_500);
  inTime.take(1);
  await inTime.reading();
  expect(inTime.lost()).toBe(false);
  bucket.move(2_500);
  const late = createEnds(bucket.handle, { ...past, ...rest, isResumed: true });
  late.take(1);
  await late.reading();
  expect(late.lost()).toBe(true);
});
