/** One list that several kvflows append to, on a NATS that has troubles: each change is worked out on what is there, and made once. */

import type { Verdict } from '../faults/check.ts';
import type { Outcome } from '../faults/observed.ts';
import type { SimulatedKvflow } from './kvflow.ts';

/** In a bucket that keeps no history: nothing there tells what was written over. */
const at = { bucket: 'jobs', key: 'list' };
const STEPS = 5;

/** Appends values of its own; `appended` has what became of each. */
export async function appending(
  { call }: SimulatedKvflow,
  index: number,
  appended: Map<string, Outcome>,
): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const value = `${index}.${step}`;
    const { outcome } = await call('kv-key-append', { ...at, value });
    appended.set(value, outcome);
  }
}

/** At the end each that was acknowledged is there, and none is twice. */
export async function judgeList(
  { call }: SimulatedKvflow,
  appended: ReadonlyMap<string, Outcome>,
  verdict: Verdict,
): Promise<void> {
  const { data } = await call('kv-key-get', at);
  const list = JSON.parse(String(data.value ?? '[]')) as string[];
  for (const [value, outcome] of appended) {
    const times = list.filter(one => one === value).length;
    if (times > 1) verdict.doubled.push(`${value} was appended ${times} times`);
    if (outcome === 'acked' && times === 0) verdict.lost.push(`${value} was appended`);
    if (outcome === 'refused' && times > 0) verdict.wrong.push(`${value} was refused and is appended`);
  }
}
