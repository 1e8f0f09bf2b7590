import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from './caller.ts';
import type { Observed } from './observed.ts';
import { nothingObserved } from './observed.ts';
import { pushItem, workOff } from './queue.ts';

/** A steady mixed load. */
export interface Load {
  /** What was seen so far. */
  readonly observed: Observed;
  /** Ends the load; resolves when the last call is answered. */
  stop(): Promise<void>;
}

/** Buckets that the load works in: `DATA` keeps every value, `WORK` has locks and queues. */
export const [DATA, WORK] = ['data', 'work'];
/** Keys that are live all the time. */
export const STEADY = Array.from({ length: 120 }, (_, i) => `steady.${i}`);
export const JOBS = { bucket: WORK, queue: 'jobs' };
/** Fewer writes than the bucket's history keeps go to one key. */
const WRITES_A_KEY = 50;
const PAUSE_MS = 25;
const MAX_UNKNOWN_PAUSE_MS = 200;

/** Starts the load: each lane makes one call after the other, through whichever kvflow has its turn. */
export function startLoad(caller: Caller): Load {
  const observed = nothingObserved();
  let stopped = false;
  const lane = async (step: (turn: number) => Promise<void>) => {
    for (let turn = 0; !stopped; turn++) {
      await step(turn);
      await sleep(PAUSE_MS);
    }
  };
  const lanes = [
    lane(putting(caller, observed, 'put-1')),
    lane(putting(caller, observed, 'put-2')),
    ...Array.from({ length: 2 }, comparing(caller, observed)).map(lane),
    lane(counting(caller, observed)),
    lane(counting(caller, observed)),
    lane(transacting(caller, observed)),
    lane(listing(caller, observed)),
    lane(locking(caller, observed, 'one')),
    lane(locking(caller, observed, 'two')),
    lane(turn => pushItem(caller.call, observed, { ...JOBS, id: `item-${turn}` })),
    ...Array.from({ length: 2 }, () => lane(async () => void (await workOff(caller.call, observed, JOBS)))),
    lane(identifying(caller, observed)),
  ];
  return {
    observed,
    stop: async () => {
      stopped = true;
      await Promise.all(lanes);
      observed.untrue.push(...caller.untrue);
    },
  };
}

/** One writer: puts, and reads what it put through another kvflow. */
function putting(caller: Caller, { writes, reads }: Observed, lane: string) {
  return async (order: number) => {
    const key = `put.${lane}.${Math.floor(order / WRITES_A_KEY)}`;
    const id = `${lane}.${order}`;
    const { outcome, code, data, began, ended } = await caller.call('kv-key-put', {
      bucket: DATA,
      key,
      value: id,
    });
    writes.push({ key, id, outcome, code, began, ended, order, ...revisionOf(data) });
    const read = await caller.call('kv-key-get', { bucket: DATA, key });
    if (read.outcome === 'acked') reads.push({ key, began: read.began, ...revisionOf(read.data) });
    if (read.code === 'KEY_NOT_FOUND') reads.push({ key, began: read.began });
  };
}

/** Writers of one key, each on top of what it last knew. */
function comparing(caller: Caller, { writes }: Observed) {
  let [known, chunk, stored] = [0, 0, 0];
  return (_: unknown, writer: number) => async (turn: number) => {
    const id = `cas.${writer}.${turn}`;
    const key = `cas.${chunk}`;
    const expected = known;
    const write = { bucket: DATA, key, value: id, expected_revision: expected };
    const { outcome, code, data, began, ended } = await caller.call('kv-key-put', write);
    writes.push({ key, id, outcome, code, began, ended, ...revisionOf(data) });
    if (outcome === 'acked' && key === `cas.${chunk}`) {
      known = Math.max(known, Number(data.revision));
      stored += 1;
    }
    if (code === 'REVISION_CONFLICT' || outcome === 'unknown') {
      const read = await caller.call('kv-key-get', { bucket: DATA, key });
      if (read.outcome === 'acked' && key === `cas.${chunk}`) known = Number(read.data.revision);
    }
    if (stored < WRITES_A_KEY) return;
    [known, stored] = [0, 0];
    chunk += 1;
  };
}

function counting(caller: Caller, { counters }: Observed) {
  const key = 'counter';
  return async () => {
    const { outcome, data } = await caller.call('kv-key-increment', { bucket: DATA, key });
    let counter = counters.find(one => one.key === key);
    if (!counter) {
      counter = { key, answers: [], unknown: 0, final: 0 };
      counters.push(counter);
    }
    if (outcome === 'acked') counter.answers.push(Number(data.value));
    if (outcome === 'unknown') counter.unknown += 1;
  };
}

/** Two keys by one commit, read together through another kvflow. */
function transacting(caller: Caller, { writes, transactions, snapshots }: Observed) {
  return async (turn: number) => {
    const keys = [`tx.${turn}.a`, `tx.${turn}.b`];
    const operations = keys.map(key => ({ op: 'put', key, value: key, expected_revision: 0 }));
    const { outcome, code, data, began, ended } = await caller.call('kv-transact', {
      bucket: DATA,
      operations,
    });
    const results = (data.results ?? []) as Record<string, unknown>[];
    transactions.push(keys);
    for (const [index, key] of keys.entries()) {
      writes.push({ key, id: key, outcome, code, began, ended, ...revisionOf(results[index] ?? {}) });
    }
    const read = await caller.call('kv-key-get-many', { bucket: DATA, keys, consistent: true });
    if (read.outcome !== 'acked') return;
    const items = read.data.items as { key: string }[];
    snapshots.push(keys.map(key => items.some(item => item.key === key)));
  };
}

function listing(caller: Caller, { listings }: Observed) {
  return async () => {
    const { outcome, data } = await caller.call('kv-key-list', {
      bucket: DATA,
      filter: 'steady.*',
      limit: 1_000,
    });
    if (outcome !== 'acked') return;
    const found = new Set((data.items as { key: string }[]).map(({ key }) => key));
    if (data.has_more !== true) listings.push(STEADY.filter(key => !found.has(key)));
  };
}

function locking(caller: Caller, { held }: Observed, holder: string) {
  const key = 'lock';
  const at = { bucket: WORK, key };
  return async (turn: number) => {
    const lease = { ...at, holder: `${holder}.${turn}`, ttl: 60_000_000_000, wait: 200_000_000 };
    const { outcome, data, ended } = await caller.call('kv-lock-acquire', lease);
    if (outcome === 'unknown') return await freed(caller, lease);
    if (data.acquired !== true) return;
    await sleep(PAUSE_MS);
    const fence = Number(data.fence);
    held.push({ key, fence, from: ended, to: Date.now() });
    await untilAcked(() => caller.call('kv-lock-release', { ...at, fence }));
  };
}

/** An acquire whose answer was lost may hold the lock: the same holder is answered what it has, and gives it back. */
async function freed(caller: Caller, lease: { bucket: string; key: string; holder: string }): Promise<void> {
  const { data } = await untilAcked(() => caller.call('kv-lock-acquire', lease));
  if (data.acquired !== true) return;
  const { bucket, key } = lease;
  await untilAcked(() => caller.call('kv-lock-release', { bucket, key, fence: Number(data.fence) }));
}

async function untilAcked(attempt: () => ReturnType<Caller['call']>) {
  for (;;) {
    const ending = await attempt();
    if (ending.outcome === 'acked') return ending;
    await sleep(MAX_UNKNOWN_PAUSE_MS);
  }
}

/** A visitor: anonymous events, then one that names the user. Each is sent until it is acknowledged, which does no harm. */
function identifying(caller: Caller, { rows }: Observed) {
  return async (turn: number) => {
    const visitor = `v${turn}`;
    const user = `u${turn}`;
    for (const [index, id] of [undefined, undefined, user].entries()) {
      const event_id = `${visitor}.${index}`;
      const event = { event_id, user: { anonymous_id: visitor, ...(id && { id }) } };
      const call = { destination: 'embedded', event, include_events: false };
      // The warehouse is in the first kvflow's data directory.
      await untilAcked(() => caller.call('identify', call, 0));
      rows.push({ event: event_id, user, found: [] });
    }
  };
}

function revisionOf({ revision }: Record<string, unknown>): { revision?: number } {
  return typeof revision === 'number' ? { revision } : {};
}
