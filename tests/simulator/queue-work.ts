/** A queue on a NATS that has troubles: what was pushed is taken and done by several kvflows. */
import type { Observed } from '../faults/observed.ts';
import type { StoredAs } from '../faults/queue.ts';
import { noteEnds, pushItem, workOff } from '../faults/queue.ts';
import type { SimulatedKvflow } from './kvflow.ts';
import type { SimulatedNats } from './nats.ts';

export const JOBS = { bucket: 'jobs', queue: 'q' };
/** Nanoseconds. */
const DELAY = 1_000_000_000;
const [ITEMS, TAKES, PAUSE_MS, TRIES] = [3, 5, 200, 100];

/** Pushes items, and takes some of whoever pushed them. */
export async function queueing({ call }: SimulatedKvflow, index: number, observed: Observed): Promise<void> {
  const takes = async () => {
    for (let at = 0; at < TAKES; at++) if (!(await workOff(call, observed, JOBS))) await pause();
  };
  const pushes = async () => {
    for (let at = 0; at < ITEMS; at++) {
      // What is delayed is a commit of two keys.
      const delayed = at % 2 === 0 ? {} : { delay: DELAY };
      await pushItem(call, observed, { ...JOBS, id: `${index}-${at}`, ...delayed });
    }
  };
  await Promise.all([pushes(), takes()]);
}

/** Takes what is left, now that all goes well, and looks at what became of every item. */
export async function emptying(
  { call }: SimulatedKvflow,
  observed: Observed,
  { stored }: SimulatedNats,
): Promise<void> {
  const storedAs: StoredAs = async key => {
    const message = stored.findLast(({ subject }) => subject === `$KV.${JOBS.bucket}.${key}`);
    if (!message) return undefined;
    return message.headers?.get('KV-Operation') === 'PURGE' ? 'purged' : 'value';
  };
  // Longer than a lease whose taker never heard of it.
  for (let idle = 0; idle < TRIES; ) {
    if (await workOff(call, observed, JOBS)) {
      idle = 0;
      continue;
    }
    if ((await call('kv-queue-info', JOBS)).data.length === 0) break;
    idle += 1;
    await pause();
  }
  await noteEnds(call, observed, { ...JOBS, storedAs });
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, PAUSE_MS));
}
