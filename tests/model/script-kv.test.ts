/**
 * Generated events over few keys of a real NATS: reads, writes, waits, `incr` and `update`, run by several processes on
 * connections of their own, of which workers are killed meanwhile, and whole processes. Lists hold the events that appended to
 * them and counters are stepped by one, so that what was seen says in which order events stood: there must be one order of
 * all that explains everything.
 */
import { expect, test } from '@jest/globals';
import { createScriptKv, ensureScriptBucket } from '../../runtime/core/script-kv.ts';
import type { ScriptKv } from '../../runtime/core/scripts.ts';
import { openNats } from '../../runtime/nats/open.ts';
import { eventually } from '../support/eventually.ts';
import { startMonitored } from '../support/monitor.ts';
import type { Random } from '../support/random.ts';
import { createRandom } from '../support/random.ts';
import { seedOf } from '../support/seed.ts';
import type { ModelEvent, Seen } from './script-kv/events.ts';
import { COUNTERS, LISTS, someSteps } from './script-kv/events.ts';
import { expectAnOrder } from './script-kv/order.ts';
import type { ChildRunner, ModelCall } from './script-kv/runner.ts';
import { BUCKET, forkRunner, startRunner } from './script-kv/runner.ts';

const HISTORIES = Number(process.env.KVFLOW_MODEL_RUNS ?? 3);
/** Beside this one; the long form has up to four in all. */
const CHILDREN = HISTORIES > 3 ? 3 : 1;
const TIMEOUT_MS = 120_000 + HISTORIES * 10_000;
/** What happens in the histories, in turn. */
const FAULTS = ['none', 'workers', 'process'] as const;

test(
  'transform $kv - events over several processes are as if one had run after the other',
  async () => {
    const seed = seedOf('KVFLOW_MODEL_SEED');
    console.info(`script-kv: seed ${seed}, ${HISTORIES} histories, ${1 + CHILDREN} processes`);
    const random = createRandom(seed);
    await using server = await startMonitored();
    const nats = openNats({ servers: [server.url] }, { info: () => undefined, warn: () => undefined });
    await ensureScriptBucket({ deadline: Date.now() + 20_000 }, nats.kv, BUCKET);
    const here = startRunner(server.url);
    const children = await Promise.all(Array.from({ length: CHILDREN }, () => forkRunner(server.url)));
    try {
      for (let round = 0; round < HISTORIES; round++) {
        const namespace = `n${round}`;
        const calls = Array.from({ length: 4 }, (_, call) => someCall(random, { namespace, call }));
        const fault = FAULTS[round % FAULTS.length];
        const first = here.run(calls[0] as ModelCall);
        const rest = calls.slice(1).map((call, at) => (children[at % CHILDREN] as ChildRunner).run(call));
        if (fault === 'workers') for (const one of [here, ...children]) one.killWorkers();
        if (fault === 'process') {
          await first;
          const clients = await server.clients();
          await children[0]?.kill();
          // All that it sent is read by then.
          await eventually(async () => expect(await server.clients()).toBeLessThan(clients));
          children[0] = await forkRunner(server.url);
        }
        const results = (await Promise.all([first, ...rest])).flatMap(answer => answer ?? []);
        const errors = results.flatMap(({ error }) => error ?? []);
        // Where no worker starts in its place, the events of one that was killed are told so, and nothing of them is stored or all.
        const expected = fault === 'workers' ? errors.filter(({ code }) => code === 'UNAVAILABLE') : [];
        expect(errors).toEqual(expected);
        if (fault !== 'process') expect(results).toHaveLength(calls.flatMap(({ events }) => events).length);
        const store = createScriptKv(
          { deadline: Date.now() + 30_000 },
          { kv: nats.kv, bucket: BUCKET, namespace },
        );
        expectAnOrder({
          events: calls.flatMap(({ events }) => events),
          seen: results.flatMap(({ events }) => events as unknown as Seen[]),
          ...(await readAll(store)),
        });
      }
    } finally {
      for (const one of [here, ...children]) await one.close();
      await nats.close();
    }
  },
  TIMEOUT_MS,
);

function someCall(random: Random, { namespace, call }: { namespace: string; call: number }): ModelCall {
  const events = Array.from(
    { length: 15 },
    (_, n): ModelEvent => ({ id: `${call}.${n}`, steps: someSteps(random) }),
  );
  return { namespace, events, stopOnError: random.chance(0.5) };
}

/** How the keys ended. Behind a write of ours stands everything that came before it. */
async function readAll(store: ScriptKv) {
  await store.commit([{ key: 'behind', json: '1', ttlMs: 0, expected: undefined }]);
  const value = async (key: string) => JSON.parse((await store.get(key))?.json ?? 'null') as unknown;
  const lists = new Map<string, string[]>();
  for (const key of LISTS) lists.set(key, ((await value(key)) ?? []) as string[]);
  const counters = new Map<string, number>();
  for (const key of COUNTERS) counters.set(key, ((await value(key)) ?? 0) as number);
  return { lists, counters };
}
