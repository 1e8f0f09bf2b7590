/**
 * Generated events over few keys of a real NATS: reads, writes, waits, `incr` and `update`, run by several processes on
 * connections of their own, of which workers are killed meanwhile, and whole processes. Lists hold the events that appended to
 * them and counters are stepped by one, so that what was seen says in which order events stood: there must be one order of
 * all that explains everything.
 *
 * In the long form several stages of four processes play one history after another. Each history has a seed of its own, which a
 * failure names: `KVFLOW_MODEL_SEED=<seed> KVFLOW_MODEL_RUNS=1` plays it alone.
 */
import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import { ensureScriptBucket } from '../../runtime/core/script-kv.ts';
import { openNats } from '../../runtime/nats/open.ts';
import { seedOf } from '../support/seed.ts';
import { soon } from '../support/soon.ts';
import { historyOf } from './script-kv/history.ts';
import { BUCKET } from './script-kv/runner.ts';
import { startModelServer } from './script-kv/server.ts';
import type { Stage } from './script-kv/stage.ts';
import { openStage } from './script-kv/stage.ts';

const RUNS = process.env.KVFLOW_MODEL_RUNS;
const HISTORIES = Number(RUNS || 3);
/** Beside this one; the long form has four in all. */
const CHILDREN = RUNS ? 3 : 1;
/** While the processes of one wait for the store, those of others have something to do. */
const STAGES = Math.min(HISTORIES, RUNS ? availableParallelism() + 1 : 1);
/** At once, where jest keeps what is logged until the end: a run that is cut off has told how far it came. */
const TOLD_EVERY = 100;
const TIMEOUT_MS = 120_000 + HISTORIES * 10_000;

test(
  'transform $kv - events over several processes are as if one had run after the other',
  async () => {
    const seed = seedOf('KVFLOW_MODEL_SEED');
    console.info(`script-kv: seed ${seed}, ${HISTORIES} histories, ${1 + CHILDREN} processes`);
    await using server = await startModelServer();
    const nats = openNats({ servers: [server.url] }, { info: () => undefined, warn: () => undefined });
    await using all = new AsyncDisposableStack();
    all.defer(nats.close);
    await ensureScriptBucket(soon(), nats.kv, BUCKET);
    const stages: Stage[] = [];
    while (stages.length < STAGES)
      stages.push(all.use(await openStage({ server, nats, children: CHILDREN })));
    let begun = 0;
    let done = 0;
    // The others end what they are at before the stages are closed: they begin processes in place of ended ones.
    const ends = await Promise.allSettled(
      stages.map(async stage => {
        while (begun < HISTORIES) {
          const history = historyOf(seed + begun++, CHILDREN);
          await stage.play(history).catch(error => {
            begun = HISTORIES;
            throw new Error(`the history of seed ${history.seed} failed`, { cause: error });
          });
          if (++done % TOLD_EVERY === 0)
            process.stderr.write(`script-kv: ${done} histories from seed ${seed} on\n`);
        }
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    expect(done).toBe(HISTORIES);
  },
  TIMEOUT_MS,
);
