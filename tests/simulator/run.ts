import { check } from '../faults/check.ts';
import type { Observed, Outcome } from '../faults/observed.ts';
import { nothingObserved } from '../faults/observed.ts';
import type { Random } from '../support/random.ts';
import { appending, judgeList } from './append-work.ts';
import type { Clock } from './clock.ts';
import type { Counts } from './counts.ts';
import type { Breaking, Call, SimulatedKvflow } from './kvflow.ts';
import { join } from './kvflow.ts';
import type { SimulatedNats } from './nats.ts';
import { simulateNats } from './nats.ts';
import type { Run, Work } from './outcome.ts';
import { fingerprintOf } from './outcome.ts';
import { emptying, JOBS, queueing } from './queue-work.ts';
import { fillSteady, listing, rewriting, watching } from './reading-work.ts';
import { fund, judge, noStateWork, putting, stepping, transferring } from './state-work.ts';
import { troublesOf } from './troubles.ts';
import type { Kind } from './works.ts';

const bucket = 'b';
const [KVFLOWS, STEPS] = [3, 5];

/** Several kvflows on a NATS that has troubles, which do works of these kinds at once. */
export function simulate(kinds: ReadonlySet<Kind>, breaking: Breaking = call => call): Work {
  return (clock, random) => run(clock, random, kinds, breaking);
}

async function run(clock: Clock, random: Random, kinds: ReadonlySet<Kind>, breaking: Breaking): Promise<Run> {
  const nats = simulateNats(clock, random, troublesOf(random));
  const observed = nothingObserved();
  const counts: Counts = {};
  const kvflows = Array.from({ length: KVFLOWS }, () => join(clock, nats, { observed, breaking, counts }));
  const [first] = kvflows as [SimulatedKvflow];
  await untilDone(first.call, 'kv-bucket-create', { bucket, history: 64, key_ttl: true });
  await untilDone(first.call, 'kv-bucket-create', { bucket: JOBS.bucket, key_ttl: true });
  await fund(first.kv);
  await fillSteady(first);
  const state = noStateWork();
  const appended = new Map<string, Outcome>();
  const listed = { doubled: [] as string[] };
  const watches = kvflows.map(watching);
  const works: Record<Kind, (kvflow: SimulatedKvflow, index: number) => Promise<void>> = {
    counting: ({ call }) => counting(call, observed),
    comparing: ({ call }, index) => comparing(call, index, observed),
    committing: ({ call }, index) => committing(call, index, observed),
    locking: ({ call }, index) => locking(call, index, observed),
    putting: (kvflow, index) => putting(kvflow, index, observed),
    stepping: (_, index) => stepping(kvflows, index, state),
    transferring,
    rewriting,
    queueing: (kvflow, index) => queueing(kvflow, index, observed),
    appending: (kvflow, index) => appending(kvflow, index, appended),
    listing: (_, index) => listing(kvflows, index, observed, listed),
  };
  const done = (Object.keys(works) as Kind[]).filter(kind => kinds.has(kind));
  await Promise.all(kvflows.flatMap((kvflow, index) => done.map(kind => works[kind](kvflow, index))));
  nats.calm();
  await lookAt(first.call, observed, nats);
  await emptying(first, observed, nats);
  for (const watch of watches) {
    await watch.reached(observed.stored.at(-1)?.revision ?? 0);
    await watch.end();
    observed.watches.push(watch.revisions);
  }
  const verdict = check(observed);
  verdict.doubled.push(...listed.doubled);
  await judge(first, state, verdict);
  await judgeList(first, appended, verdict);
  return { verdict, fingerprint: fingerprintOf(nats), counts: { ...counts, ...nats.counts() } };
}

async function counting(call: Call, { counters }: Observed): Promise<void> {
  const key = 'n';
  for (let step = 0; step < STEPS; step++) {
    const { outcome, data } = await call('kv-key-increment', { bucket, key });
    const counter = counters[0] ?? { key, answers: [], unknown: 0, final: 0 };
    counters[0] = counter;
    if (outcome === 'acked') counter.answers.push(Number(data.value));
    if (outcome === 'unknown') counter.unknown += 1;
  }
}

async function comparing(call: Call, index: number, { writes, reads }: Observed): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const key = `cas.${step % 2}`;
    const read = await call('kv-key-get', { bucket, key });
    const revision = Number(read.data.revision ?? 0);
    if (read.outcome === 'acked') reads.push({ key, revision, began: read.began });
    const id = `${index}.${step}`;
    const { outcome, code, data, began, ended } = await call('kv-key-put', {
      bucket,
      key,
      value: id,
      expected_revision: revision,
    });
    writes.push({
      key,
      id,
      outcome,
      code,
      began,
      ended,
      ...(outcome === 'acked' && { revision: Number(data.revision) }),
    });
  }
}

async function committing(
  call: Call,
  index: number,
  { writes, transactions, snapshots }: Observed,
): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const keys = ['a', 'b'].map(name => `tx.${index}.${step}.${name}`);
    const operations = keys.map(key => ({ op: 'put', key, value: key, expected_revision: 0 }));
    const { outcome, code, data, began, ended } = await call('kv-transact', { bucket, operations });
    const results = (data.results ?? []) as { revision: number }[];
    transactions.push(keys);
    for (const [place, key] of keys.entries()) {
      const revision = results[place]?.revision;
      writes.push({ key, id: key, outcome, code, began, ended, ...(revision !== undefined && { revision }) });
    }
    const read = await call('kv-key-get-many', { bucket, keys, consistent: true });
    const items = (read.data.items ?? []) as { key: string }[];
    if (read.outcome === 'acked') snapshots.push(keys.map(key => items.some(item => item.key === key)));
  }
}

async function locking(call: Call, index: number, { held }: Observed): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const lease = { bucket, key: 'lock', holder: `${index}.${step}`, ttl: 3_600_000_000_000 };
    const { outcome, data, ended } = await call('kv-lock-acquire', lease);
    if (outcome === 'acked' && data.acquired === true) {
      const holding = { key: 'lock', fence: Number(data.fence), from: ended, to: Number.POSITIVE_INFINITY };
      held.push(holding);
      await new Promise(resolve => setTimeout(resolve, 10));
      holding.to = Date.now();
      await untilDone(call, 'kv-lock-release', { bucket, key: 'lock', fence: holding.fence });
    } else if (outcome === 'unknown') {
      const mine = await untilDone(call, 'kv-lock-acquire', lease);
      if (mine.acquired === true)
        await untilDone(call, 'kv-lock-release', { bucket, key: 'lock', fence: Number(mine.fence) });
    }
  }
}

async function untilDone(call: Call, name: string, input: object): Promise<Record<string, unknown>> {
  for (let tries = 0; ; tries++) {
    const { outcome, data, code } = await call(name, input);
    if (outcome === 'acked') return data;
    if (tries > 200) throw new Error(`${name}: ${code}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

async function lookAt(call: Call, observed: Observed, { stored }: SimulatedNats): Promise<void> {
  const isData = ({ subject }: { subject: string }) => /^\$KV\.b\.(cas|tx|plain)\./.test(subject);
  observed.stored = stored.filter(isData).map(({ seq, subject, data }) => ({
    revision: seq,
    key: subject.slice('$KV.b.'.length),
    id: Buffer.from(data).toString(),
  }));
  const [counter] = observed.counters;
  if (counter)
    counter.final = Number((await untilDone(call, 'kv-key-get', { bucket, key: counter.key })).value);
}
