/**
 * `npm run soak`: a mixed load on one kvflow for two minutes, `-- 30` for thirty, and whether what it holds stays flat: memory and open
 * files of kvflow and its nats-server, consumers, streams, temporary files. The load writes the same keys again and again. What
 * nats-server has in use after it collected its garbage is told apart from what its allocator keeps and from the blocks of streams that are
 * being written, and where it grew most is told.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCaller } from '../faults/caller.ts';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import type { NatsHeap } from './nats-heap.ts';
import { grownSites, viewNatsHeap } from './nats-heap.ts';

type Sample = Record<string, number>;

/** What each may have grown by from the first half to the second, beside a share of what it was. */
const ROOM: Sample = {
  kvflow_mb: 40,
  nats_mb: 40,
  nats_held_mb: 5,
  nats_goroutines: 70,
  kvflow_files: 20,
  nats_files: 20,
  // As many listings are kept for their next pages.
  consumers: 64,
  streams: 0,
  temporary: 5,
};
const SHARE = 0.25;
const SAMPLES = 24;
const bucket = 'soak';
const KEYS = 50;

const minutes = Number(process.argv[2] ?? 2);
await using place = await makePlace();
/** Where kvflow and its nats-server put what is temporary, and nobody else does. */
const temporary = await mkdtemp(join(tmpdir(), 'kvflow-soak-'));
const view = await viewNatsHeap(place.path);
const server = await place.start({
  env: { KVFLOW_FLOWS: 'off', KVFLOW_LOG_LEVEL: 'error', TMPDIR: temporary, ...view.env },
});
const caller = createCaller([server.url]);
await caller.call('kv-bucket-create', { bucket, history: 3, key_ttl: true });
let done = false;
const lanes = [0, 1, 2, 3]
  .flatMap(lane => loads(lane))
  .map(async step => {
    for (let turn = 0; !done; turn++) await step(turn);
  });
const samples: Sample[] = [];
const heaps: NatsHeap[] = [];
for (let taken = 0; taken < SAMPLES; taken++) {
  await sleep((minutes * 60_000) / SAMPLES);
  samples.push(await sample());
  console.log(JSON.stringify(samples.at(-1)));
}
done = true;
await Promise.all(lanes);
const faults = grown(samples);
const [early, late] = [heaps[Math.floor(SAMPLES / 4)], heaps.at(-1)];
if (early && late)
  console.log(`nats-server holds more than after a quarter: ${grownSites(early, late).join('; ')}`);
const { operations, acked, slowestMs } = caller.counts;
console.log(
  `${operations} calls, ${acked} worked, the slowest took ${slowestMs} ms; ${faults.join('; ') || 'all is flat'}`,
);
await rm(temporary, { recursive: true, force: true });
process.exitCode = faults.length > 0 || caller.untrue.length > 0 ? 1 : 0;

function loads(lane: number): ((turn: number) => Promise<unknown>)[] {
  const key = (turn: number) => `key.${lane}.${turn % KEYS}`;
  return [
    turn => caller.call('kv-key-put', { bucket, key: key(turn), value: { turn } }),
    turn => caller.call('kv-key-list', { bucket, limit: 1 + (turn % 7) }),
    turn => caller.call('kv-key-increment', { bucket, key: `counter.${turn % 3}` }),
    turn => caller.call('kv-key-watch', { bucket, wait_ms: 20, limit: 1 + (turn % 5) }),
    async turn => {
      const script = `const n = await $kv.incr("n.${turn % KEYS}"); return { ...$, n }`;
      await caller.call('transform', { script, event: { turn } });
    },
    async turn => {
      const event = {
        event_id: `e.${lane}.${turn % KEYS}`,
        user: { anonymous_id: `v.${turn % 9}`, ...(turn % 3 === 0 && { id: 'u' }) },
      };
      await caller.call('identify', { destination: 'embedded', event, include_events: false });
    },
  ];
}

async function sample(): Promise<Sample> {
  const { pid = 0 } = server.child;
  const account = await caller.call('kv-account-info', {});
  const { data } = account as {
    data: { consumers?: { used?: number } | number; streams?: { used?: number } | number };
  };
  const used = (value: { used?: number } | number | undefined) =>
    typeof value === 'object' ? (value.used ?? 0) : (value ?? 0);
  const heap = await view.look();
  heaps.push(heap);
  return {
    kvflow_mb: await megabytes(pid),
    nats_mb: await megabytes(server.natsPid),
    nats_held_mb: heap.heldMb,
    nats_blocks_mb: heap.blocksMb,
    nats_goroutines: heap.goroutines,
    kvflow_files: await files(pid),
    nats_files: await files(server.natsPid),
    consumers: used(data.consumers),
    streams: used(data.streams),
    temporary: (await readdir(temporary, { recursive: true })).length,
  };
}

async function megabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

async function files(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** What is more at the end than in the middle, when everything has been used for a while. */
function grown(all: Sample[]): string[] {
  const quarter = Math.floor(all.length / 4);
  const [middle, end] = [all.slice(quarter, quarter * 2), all.slice(-quarter)];
  return Object.keys(ROOM).flatMap(name => {
    const [before, after] = [median(middle, name), median(end, name)];
    return after > before * (1 + SHARE) + (ROOM[name] ?? 0)
      ? [`${name} grew from ${before} to ${after}`]
      : [];
  });
}

function median(all: Sample[], name: string): number {
  const values = all.map(one => one[name] ?? 0).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}
