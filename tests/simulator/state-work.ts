/** What else kvflow promises, on a NATS that has troubles: calls under a key, `$kv` of scripts, plain puts. */
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { createIdempotency } from '../../runtime/core/idempotency.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { createScriptKv } from '../../runtime/core/script-kv.ts';
import type { Verdict } from '../faults/check.ts';
import type { Observed } from '../faults/observed.ts';
import type { SimulatedKvflow } from './kvflow.ts';

/** What is known of one kind of work at its end. */
export interface StateWork {
  /** Steps of the counter `once`, by the key under which they were asked for: the values they were answered. */
  once: Map<string, Set<unknown>>;
  /** Keys whose step may have been taken or not. */
  open: Set<string>;
  /** Answered, but the answer could not be kept as long as nobody else might run the call: then it may be run again. */
  unkept: Set<string>;
}

const bucket = 'b';
/** Where scripts keep their state. */
export const STATE = 'state';
export const ACCOUNTS = ['x', 'y', 'z'];
export const FUNDS = 100;
const [STEPS, TRIES, PAUSE_MS, CALL_MS] = [2, 60, 1_000, 20_000];

/** Nothing seen yet. */
export function noStateWork(): StateWork {
  return { once: new Map(), open: new Set(), unkept: new Set() };
}

/** Puts without a condition, one after the other: each is there once, in their order. */
export async function putting({ call }: SimulatedKvflow, index: number, { writes }: Observed): Promise<void> {
  for (let order = 0; order < STEPS; order++) {
    const [key, id] = [`plain.${index}`, `plain.${index}.${order}`];
    const { outcome, code, data, began, ended } = await call('kv-key-put', { bucket, key, value: id });
    const revision = outcome === 'acked' ? { revision: Number(data.revision) } : {};
    writes.push({ key, id, outcome, code, began, ended, order, ...revision });
  }
}

/** Steps of a counter, each asked for under one Idempotency-Key through every kvflow in turn until it is answered, and once more. */
export async function stepping(
  kvflows: readonly SimulatedKvflow[],
  index: number,
  seen: StateWork,
): Promise<void> {
  let key = '';
  const onError = () => seen.unkept.add(key);
  const all = kvflows.map(({ kv }) => createIdempotency({ kv, onError }));
  const step = { bucket, key: 'once' };
  for (let at = 0; at < STEPS; at++) {
    key = `${index}.${at}`;
    const call = { key, principal: EVERYTHING, route: 'step', body: step, timeoutMs: CALL_MS };
    const answers = new Set<unknown>();
    seen.once.set(key, answers);
    for (let tries = 0, heard = 0; tries < TRIES && heard < 2; tries++) {
      const turn = (index + tries) % kvflows.length;
      const run = () => (kvflows[turn] as SimulatedKvflow).invoke('kv-key-increment', step);
      const told = await all[turn]?.once<Envelope>(call, run, envelope => [envelope]).catch(() => undefined);
      if (told && !isFailure(told.outcome)) {
        answers.add((told.outcome.data as { value: unknown }).value);
        heard += 1;
      } else {
        // Whether a step under way was taken is not known where its own answer was lost.
        if (told && isFailure(told.outcome) && told.outcome.error.code === 'TIMEOUT') seen.open.add(key);
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
      }
    }
    if (answers.size === 0) seen.open.add(key);
  }
}

/** Scripts that move funds from one account to another: what they read must stand when they write. */
export async function transferring({ kv }: SimulatedKvflow, index: number): Promise<void> {
  for (let at = 0; at < STEPS; at++) {
    const [from = '', to = ''] = [ACCOUNTS[(index + at) % 3], ACCOUNTS[(index + at + 1) % 3]];
    for (let tries = 0; tries < TRIES; tries++) {
      if (await transfer(kv, from, to).catch(() => false)) break;
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function transfer(kv: KvStore, from: string, to: string): Promise<boolean> {
  const store = scriptKv(kv);
  const [a, b] = await Promise.all([store.get(from), store.get(to)]);
  if (!a?.json || !b?.json) return false;
  const writes = [
    { key: from, json: String(Number(a.json) - 1), ttlMs: 0, expected: a.revision },
    { key: to, json: String(Number(b.json) + 1), ttlMs: 0, expected: b.revision },
  ];
  return (await store.commit(writes)).ok;
}

/** Gives each account its funds. */
export async function fund(kv: KvStore): Promise<void> {
  const writes = ACCOUNTS.map(key => ({ key, json: String(FUNDS), ttlMs: 0, expected: 0 }));
  for (let tries = 0; ; tries++) {
    const there = await scriptKv(kv)
      .commit(writes)
      .then(
        () => scriptKv(kv).get(ACCOUNTS[0] ?? ''),
        () => undefined,
      )
      .catch(() => undefined);
    if (there) return;
    if (tries > TRIES) throw new Error('the accounts were never funded');
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}

/** What is wrong at the end, when all goes well again. */
export async function judge(
  { kv, call }: SimulatedKvflow,
  { once, open, unkept }: StateWork,
  verdict: Verdict,
): Promise<void> {
  const found = await Promise.all(ACCOUNTS.map(key => scriptKv(kv).get(key)));
  const sum = found.reduce((all, entry) => all + Number(entry?.json), 0);
  if (sum !== ACCOUNTS.length * FUNDS) verdict.wrong.push(`the accounts have ${sum}`);
  for (const [key, answers] of once)
    if (answers.size > 1 && !unkept.has(key))
      verdict.doubled.push(`the call under key ${key} answered ${[...answers].join(' and ')}`);
  const { data } = await call('kv-key-get', { bucket, key: 'once' });
  const taken = Number(data.value ?? 0);
  const sure = [...once].filter(([key]) => !open.has(key)).length;
  if (taken < sure) verdict.lost.push(`once is ${taken}, ${sure} calls were answered`);
  if (taken > once.size + unkept.size) verdict.doubled.push(`once is ${taken}, ${once.size} calls were made`);
}

/** The `$kv` of the scripts, for a call of its own. */
export function scriptKv(kv: KvStore) {
  return createScriptKv({ deadline: Date.now() + CALL_MS }, { kv, bucket: STATE, namespace: 'n' });
}
