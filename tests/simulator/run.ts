import { createHash } from 'node:crypto';
import { functions } from '../../functions/index.gen.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Destination } from '../../runtime/core/destinations.ts';
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { createInvoke } from '../../runtime/core/invoke.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import type { Recognition } from '../../runtime/core/recognition-port.ts';
import { createStats } from '../../runtime/core/recognition-stats.ts';
import { createRegistry } from '../../runtime/core/registry.ts';
import { createJsApi } from '../../runtime/nats/js-api.ts';
import { createNatsKv } from '../../runtime/nats/kv/store.ts';
import { createRequests } from '../../runtime/nats/requests.ts';
import { createRecognition } from '../../runtime/recognition/create.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { Verdict } from '../faults/check.ts';
import { check } from '../faults/check.ts';
import type { Observed, Outcome } from '../faults/observed.ts';
import { nothingObserved } from '../faults/observed.ts';
import type { Random } from '../support/random.ts';
import { memoryDestinations } from '../support/warehouses/memory.ts';
import { appending, judgeList } from './append-work.ts';
import type { Clock } from './clock.ts';
import type { SimulatedNats, Troubles } from './nats.ts';
import { simulateNats } from './nats.ts';
import { emptying, JOBS, queueing } from './queue-work.ts';
import { fillSteady, listing, rewriting, watching } from './reading-work.ts';
import { recognizing } from './recognition-work.ts';
import { sqliteHere } from './sqlite-here.ts';
import { fund, judge, noStateWork, putting, stepping, transferring } from './state-work.ts';

/** What came of a run. */
export interface Run {
  verdict: Verdict;
  /** Of all that was ever stored, with its times and ids: the same for two runs that went the same way. */
  fingerprint: string;
}

/** How a call ended. */
interface Ending {
  outcome: Outcome;
  code: string;
  data: Record<string, unknown>;
  began: number;
  ended: number;
}

type Call = (name: string, input: object) => Promise<Ending>;

/** One kvflow of a run. */
export interface SimulatedKvflow {
  call: Call;
  invoke(name: string, input: object): Promise<Envelope>;
  kv: KvStore;
  recognition: Recognition;
}

/** A kvflow that is to be tried: in a test of the simulator itself, one with a fault. */
export type Breaking = (call: Call) => Call;

const registry = createRegistry(manifest as unknown as Manifest, functions);
const bucket = 'b';
const [KVFLOWS, STEPS, TIMEOUT_MS] = [3, 5, 20_000];
const NOT_DONE = new Set(['UNAVAILABLE', 'REVISION_CONFLICT', 'RATE_LIMITED']);

/** Identify of several kvflows on a NATS that has troubles and one warehouse, held against the oracle of its rule. */
export async function simulateRecognition(clock: Clock, random: Random, seed: number): Promise<Run> {
  const nats = simulateNats(clock, random, troublesOf(random));
  const destination = sqliteHere();
  const observed = nothingObserved();
  const kvflows = Array.from({ length: KVFLOWS }, () => join(clock, nats, { destination, observed }));
  const wrong = await recognizing(kvflows, destination, seed);
  const verdict = { ...check(observed), wrong: [...observed.untrue, ...wrong] };
  return { verdict, fingerprint: fingerprintOf(nats) };
}

/** One run of several kvflows on a NATS that has troubles; all of it follows from the numbers it is given. */
export async function simulate(
  clock: Clock,
  random: Random,
  breaking: Breaking = call => call,
): Promise<Run> {
  const nats = simulateNats(clock, random, troublesOf(random));
  const observed = nothingObserved();
  const kvflows = Array.from({ length: KVFLOWS }, () => join(clock, nats, { observed, breaking }));
  const [first] = kvflows as [SimulatedKvflow];
  await untilDone(first.call, 'kv-bucket-create', { bucket, history: 64, key_ttl: true });
  await untilDone(first.call, 'kv-bucket-create', { bucket: JOBS.bucket, key_ttl: true });
  await fund(first.kv);
  await fillSteady(first);
  const state = noStateWork();
  const appended = new Map<string, Outcome>();
  const listed = { doubled: [] as string[] };
  const watches = kvflows.map(watching);
  await Promise.all(
    kvflows.flatMap((kvflow, index) => [
      ...work(kvflow.call, index, observed),
      putting(kvflow, index, observed),
      stepping(kvflows, index, state),
      transferring(kvflow, index),
      rewriting(kvflow, index),
      queueing(kvflow, index, observed),
      appending(kvflow, index, appended),
      listing(kvflows, index, observed, listed),
    ]),
  );
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
  return { verdict, fingerprint: fingerprintOf(nats) };
}

function fingerprintOf({ stored }: SimulatedNats): string {
  const found = createHash('sha256');
  for (const { seq, subject, headers, data, time } of stored)
    found.update(`${seq} ${subject} ${time} ${[...(headers ?? [])].join(' ')} `).update(data);
  return found.digest('hex').slice(0, 12);
}

/** A kvflow on a NATS of its own connection. */
function join(
  clock: Clock,
  server: SimulatedNats,
  {
    observed,
    breaking = call => call,
    destination = sqliteHere(),
  }: { observed: Observed; breaking?: Breaking; destination?: Destination },
): SimulatedKvflow {
  const connecting = Promise.resolve(server.connect());
  const requests = createRequests(connecting);
  const kv = createNatsKv({ requests, api: createJsApi(requests), connecting });
  const recognition = createRecognition({
    kv,
    destinations: memoryDestinations(destination),
    defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
    stats: createStats(),
  });
  const invoke = createInvoke({ registry, kv, recognition: async () => recognition });
  const call: Call = async (name, input) => {
    const began = clock.now();
    const envelope = await invoke(name, input, { timeoutMs: TIMEOUT_MS });
    // Nothing that is asked later was asked at the same moment.
    const times = { began, ended: clock.now() };
    if (!isFailure(envelope))
      return { outcome: 'acked', code: '', data: envelope.data as Record<string, unknown>, ...times };
    const { code } = envelope.error;
    if (code === 'INTERNAL') observed.untrue.push(`${name}: ${envelope.error.message}`);
    return { outcome: NOT_DONE.has(code) ? 'refused' : 'unknown', code, data: {}, ...times };
  };
  return {
    call: breaking(call),
    kv,
    recognition,
    invoke: (name, input) => invoke(name, input, { timeoutMs: TIMEOUT_MS }),
  };
}

function troublesOf({ next, chance }: Random): Troubles {
  const some = (most: number) => (chance(0.5) ? next() * most : 0);
  return {
    lostRequest: some(0.2),
    lostAnswer: some(0.2),
    late: some(0.2),
    doubled: some(0.3),
    deposed: some(0.2),
    nobody: some(0.2),
    cut: some(0.1),
    consumerLost: some(0.2),
    behind: some(0.5),
  };
}

function work(call: Call, index: number, observed: Observed): Promise<void>[] {
  return [
    counting(call, observed),
    comparing(call, index, observed),
    committing(call, index, observed),
    locking(call, index, observed),
  ];
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
