/**
 * Who follows a bucket by calls, with pauses of any length, knows in the end what is there: puts, deletes, ends of every kind, markers
 * that are dropped, options by which values end that are changed and changed back. A failure prints its seed; `KVFLOW_MODEL_SEED` makes the same plans again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { KvKeyWatchOutput } from '../../../contract/types.gen.ts';
import { bucketOf, madeBucket, SECOND } from '../../functions/kv.ts';
import { listOnce } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { seedOf } from '../../support/seed.ts';

const SEED = seedOf('KVFLOW_MODEL_SEED');
const STEPS = 12 * Number(process.env.KVFLOW_MODEL_RUNS ?? 3);
const BUCKETS: Record<string, object> = {
  plain: {},
  history: { history: 5 },
  own: { key_ttl: true },
  'own-history': { key_ttl: true, history: 5 },
  ttl: { ttl: 2 * SECOND },
  'ttl-history': { ttl: 2 * SECOND, history: 5 },
  'ttl-own': { ttl: 3 * SECOND, key_ttl: true },
  markers: { ttl: 2 * SECOND, marker_ttl: 2 * SECOND },
  'markers-longer': { ttl: SECOND, marker_ttl: 3_600 * SECOND },
  'markers-history': { ttl: 2 * SECOND, key_ttl: true, history: 5 },
  'ttl-changed': {},
  'markers-changed': { key_ttl: true, marker_ttl: 3_600 * SECOND },
  'own-changed': { key_ttl: true },
};
/** Changes of a bucket, in any order while it is followed, and in this order while its follower is away. */
const CHANGES: Record<string, object[]> = {
  'ttl-changed': [{ ttl: SECOND }, { ttl: 0 }],
  'markers-changed': [{ ttl: 0 }, { ttl: 3 * SECOND }, { ttl: SECOND }],
  'own-changed': [{ history: 1, marker_ttl: null }, { history: 5 }, { ttl: SECOND }, { ttl: 0 }],
};
/** What has ended by then has left nothing where it leaves nothing. */
const AWAY_MS = 3_000;

test(
  `followers know what is there: seed ${SEED}`,
  async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    await Promise.all(
      Object.entries(BUCKETS).map(async ([name, options], index) => {
        const random = randomFrom(SEED + index);
        const bucket = await madeBucket(k, name, { storage: 'memory', ...options });
        const follower = follow([k, other], name);
        for (let step = 0; step < STEPS; step++) {
          await change(k, name, random);
          // In between it is away for as long as nothing is left of what ended, or hardly at all.
          if (random() < 0.25) await follower.step();
          if (random() < 0.1) await sleep(random() * 1_500);
        }
        await bucket.put('k.1', 'last');
        await follower.step();
        for (const change of CHANGES[name] ?? []) {
          await bucket.update(change);
          if ('ttl' in change && change.ttl) await sleep(1_500);
        }
        await sleep(AWAY_MS);
        await eventually(
          async () => {
            const known = await follower.step();
            const there = await listOnce(k, { bucket: name, limit: 1000 });
            expect([name, known]).toEqual([
              name,
              Object.fromEntries(there.map(({ key, value }) => [key, value]).toSorted()),
            ]);
          },
          { within: 30_000, every: 100 },
        );
      }),
    );
  },
  60_000 + STEPS * 1_000,
);

async function change(k: TestKvflow, name: string, random: () => number): Promise<void> {
  const bucket = bucketOf(k, name);
  const key = `k.${Math.floor(random() * 8)}`;
  const changes = CHANGES[name];
  if (changes && random() < 0.1) {
    await bucket.update(changes[Math.floor(random() * changes.length)] ?? {});
    return;
  }
  const mayEnd = 'key_ttl' in (BUCKETS[name] ?? {});
  const what = random();
  if (what < 0.5) await bucket.put(key, `${random()}`);
  else if (what < 0.7) await bucket.put(key, `${random()}`, mayEnd ? { ttl: SECOND } : {});
  else if (what < 0.85) await bucket.remove(key);
  else if (what < 0.95) await bucket.purge({ key });
  else await k.call('kv-bucket-compact', { bucket: name });
}

/** Follows by calls to one process and the other, and forgets all at a reset, as is said. */
function follow(processes: TestKvflow[], name: string) {
  const known = new Map<string, string>();
  let [place, turn]: [object, number] = [{}, 0];
  return { step };

  async function step(): Promise<Record<string, string>> {
    for (;;) {
      const k = processes[turn++ % processes.length];
      if (!k) throw new Error('there is no process');
      const input = { start: 'current', wait_ms: 100, limit: 1_000, ...place };
      const { events, next_id, reset }: KvKeyWatchOutput = await bucketOf(k, name).watch(input);
      if (reset) known.clear();
      for (const event of events) {
        if (event.operation === 'put') known.set(event.key, event.value ?? '');
        else known.delete(event.key);
      }
      place = { after_id: next_id };
      if (events.length === 0) return Object.fromEntries([...known].toSorted());
    }
  }
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
