import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { connectOfficial } from '../support/official.ts';
import type { SlowCall } from './caller.ts';
import { createCaller } from './caller.ts';
import type { Verdict } from './check.ts';
import { check } from './check.ts';
import { DOMAIN, startFaultyCluster } from './cluster.ts';
import type { Fault } from './faults.ts';
import { NOTHING } from './faults.ts';
import type { FaultyKvflow } from './kvflows.ts';
import { startFaultyKvflow } from './kvflows.ts';
import { DATA, STEADY, startLoad, WORK } from './load.ts';
import { lookAt } from './look.ts';
import { startOutages } from './outages.ts';
import { watchThroughout } from './watching.ts';

/** A line of the table. */
export interface Row {
  fault: string;
  operations: number;
  acked: number;
  unknown: number;
  verdict: Verdict;
  /** From the fault to the first write that worked again, after which none was refused or left open; 0: none was. */
  recoveryMs: number;
  /** The longest that any stream was without a leader that a majority follows, or a kvflow, or its NATS, was away from it. */
  outageMs: number;
  slowestMs: number;
  slowest: string;
  /** Calls of more than a second, and for how long each went on after the last outage that it met. */
  slow: (SlowCall & { afterMs: number })[];
}

/** How long the load goes before and after the fault. */
export interface Timing {
  beforeMs: number;
  afterMs: number;
  heldMs: number;
  kvflows: number;
  /** It goes on until so many calls were acknowledged, however slow the machine. Default: 0. */
  leastAcked?: number;
}

/** Has the fault happen to a cluster and its kvflows under load. Throws Skipped where this machine cannot have it. */
export async function runFault(
  fault: Fault,
  { beforeMs, afterMs, heldMs, kvflows: count, leastAcked = 0 }: Timing,
): Promise<Row> {
  await using prepared = (await fault.prepare?.()) ?? NOTHING;
  await using cluster = await startFaultyCluster(prepared.folders);
  const kvflows: FaultyKvflow[] = [];
  const leaf = fault.hasLeaf && (await cluster.leaf()).url;
  try {
    for (let i = 0; i < count; i++) {
      // Each joins by a server of its own first, and knows the others.
      const isLast = i === count - 1;
      const servers =
        isLast && leaf ? [leaf] : cluster.urls.map((_, server) => cluster.urls[(server + i) % 3] ?? '');
      const env: Record<string, string> = isLast ? { ...prepared.env } : {};
      if (isLast && leaf) env.NATS_JS_DOMAIN = DOMAIN;
      kvflows.push(await startFaultyKvflow(servers, env));
    }
    const urls = kvflows.map(({ url }) => url);
    await prepareBuckets(urls, cluster.urls[0] ?? '');
    const caller = createCaller(urls);
    await using watch = await watchThroughout(urls);
    await using outages = await startOutages(cluster.urls, leaf);
    const load = startLoad(caller);
    await sleep(beforeMs);
    const began = Date.now();
    await fault.happen({ cluster, kvflows, heldMs, wrong: load.observed.untrue }, prepared);
    await sleep(afterMs);
    while (caller.counts.acked < leastAcked) await sleep(50);
    await load.stop();
    await lookAt(load.observed, { urls, nats: cluster.urls[0] ?? '', watch });
    const { counts, writes } = caller;
    return {
      fault: fault.name,
      operations: counts.operations,
      acked: counts.acked,
      unknown: counts.unknown,
      verdict: check(load.observed),
      recoveryMs: writes.firstAfter > began ? writes.firstAfter - began : 0,
      outageMs: Math.max(outages.longest(), fault.awayMs?.(heldMs) ?? 0),
      slowestMs: counts.slowestMs,
      slowest: counts.slowest,
      slow: caller.slow.map(call => ({ ...call, afterMs: outages.beyond(call.began, call.ended) })),
    };
  } finally {
    await Promise.all(kvflows.map(kvflow => kvflow[Symbol.asyncDispose]()));
  }
}

/** The buckets of the load and those of kvflow itself, all on three servers. */
async function prepareBuckets(urls: string[], nats: string): Promise<void> {
  const { call } = createCaller(urls);
  const must = async (name: string, input: object) => {
    for (let tries = 0; ; tries++) {
      const { outcome, code } = await call(name, input, 0);
      if (outcome === 'acked') return;
      if (tries > 20) throw new Error(`${name}: ${code}`);
      await sleep(200);
    }
  };
  await must('kv-bucket-create', { bucket: DATA, history: 64, num_replicas: 3 });
  await must('kv-bucket-create', { bucket: WORK, key_ttl: true, num_replicas: 3 });
  const items = STEADY.map(key => ({ key, value: key }));
  await must('kv-key-put-many', { bucket: DATA, items });
  const first = { event_id: 'first', user: { anonymous_id: 'first' } };
  await must('identify', { destination: 'embedded', event: first });
  await must('identify', {
    destination: 'embedded',
    event: { event_id: 'second', user: { anonymous_id: 'first', id: 'u' } },
  });
  await using client = await connectOfficial(nats);
  for await (const { config } of client.jsm.streams.list()) {
    if (config.num_replicas === 1) await client.jsm.streams.update(config.name, { num_replicas: 3 });
    await eventually(
      async () => {
        const { cluster } = await client.jsm.streams.info(config.name);
        if (cluster?.replicas?.filter(({ current }) => current).length !== 2)
          throw new Error(`${config.name} is not replicated`);
      },
      { within: 20_000, every: 100 },
    );
  }
}
