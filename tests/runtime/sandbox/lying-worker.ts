/** A lane whose worker sends what a test says. */
import { toJsonLines } from '../../../runtime/core/json-lines.ts';
import type { Attempt } from '../../../runtime/sandbox/host/attempt.ts';
import { createBudget } from '../../../runtime/sandbox/host/budget.ts';
import { createCall } from '../../../runtime/sandbox/host/call.ts';
import type { OnFrame } from '../../../runtime/sandbox/host/frames.ts';
import { createLane } from '../../../runtime/sandbox/host/lane.ts';
import { DEFAULT_LIMITS } from '../../../runtime/sandbox/host/limits.ts';
import { createLosses } from '../../../runtime/sandbox/host/losses.ts';
import { createQuarantine } from '../../../runtime/sandbox/host/quarantine.ts';
import type { EndReason, WorkerProcess } from '../../../runtime/sandbox/host/worker-process.ts';
import { createCommits } from '../../../runtime/sandbox/kv/commits.ts';
import { createKeyLocks } from '../../../runtime/sandbox/kv/locks.ts';
import { createKvMemory } from '../../../runtime/sandbox/kv/memory.ts';
import type { SandboxStats } from '../../../runtime/sandbox/types.ts';
import { memoryStore } from './support.ts';

/** As a worker does it: events leave as their lengths, and their texts after the line. */
function encodeOutput(records: unknown[], reads: unknown[]): string {
  let texts = '';
  const heads = records.map(record => {
    const [id, status, events, ...rest] = record as [unknown, unknown, unknown, ...unknown[]];
    if (status !== 0 || !Array.isArray(events)) return record;
    const own = events.map(event => JSON.stringify(event));
    texts += own.join('');
    return [id, status, own.map(text => text.length), ...rest];
  });
  return `${JSON.stringify({ r: heads, k: reads })}\n${texts}`;
}

/** A worker that is a liar: it sends what the test says. */
function fakeWorker() {
  const sent: [kind: string, text: string][] = [];
  let onFrame: OnFrame = () => true;
  let onEnd: (reason: EndReason) => void = () => {};
  const worker: WorkerProcess = {
    pid: 1,
    send: (kind, head, texts = '') => void sent.push([kind, head + texts]),
    listen(frame, end) {
      onFrame = frame;
      onEnd = end;
    },
    end: reason => onEnd(reason),
    cpuMs: () => 0,
    resident: () => 0,
    stepBack: () => true,
    ended: Promise.resolve(),
  };
  const base = () => {
    const [head] = sent.findLast(([kind]) => kind === 'R')?.[1].split('\n') ?? [];
    return (JSON.parse(head ?? '{}') as { b: number }).b;
  };
  return {
    worker,
    sent,
    base,
    say: (records: unknown[], reads: unknown[] = []) => onFrame('O', encodeOutput(records, reads)),
    frame: (kind: string, text: string) => onFrame(kind, text),
    list: (head: unknown, text: string) => onFrame('L', '', Buffer.from(`${JSON.stringify(head)}\n${text}`)),
    end: (reason: EndReason) => onEnd(reason),
  };
}

const linesOf = (events: unknown[]): string => events.map(event => JSON.stringify(event)).join('\n');

/** A lane with one call of these events, whose workers are liars. `asBlock`: they go to a worker as a block. */
export function setup(events: unknown[] = [{}], asBlock = false) {
  const fakes: ReturnType<typeof fakeWorker>[] = [];
  const stats = {
    killed: { time: 0, memory: 0, protocol: 0, ended: 0 },
    ignoredFrames: 0,
    events: 0,
    quarantined: 0,
    recycled: 0,
  } as SandboxStats;
  const lane = createLane('t', {
    takeWorker: async () => {
      const fake = fakeWorker();
      fakes.push(fake);
      return fake.worker;
    },
    losses: createLosses(),
    quarantine: createQuarantine(1000),
    stats,
    maxResident: 1e9,
    onIdle: () => {},
    tenant: 't',
    onYield: () => {},
    resubmit: () => {},
  });
  const store = memoryStore(0);
  let seq = 0;
  const call = createCall(
    asBlock
      ? {
          script: 'return $',
          lines: toJsonLines(linesOf(events)),
          joined: true,
          namespace: 't',
          kv: store.kv,
        }
      : { script: '$kv.set', events, namespace: 't', kv: store.kv },
    {
      limits: DEFAULT_LIMITS,
      nextSeq: () => seq++,
      locksOf: () => ({ locks: createKeyLocks(), commits: createCommits(), done: () => {} }),
      memory: createKvMemory(),
      usage: { spendCpu: () => undefined, spendKv: () => undefined },
      budget: createBudget(),
      slot: work => work(),
      fetchSlot: work => work(),
      fetched: { taken: 0 },
      onConflict: () => {},
    },
  );
  lane.push(call.attempts as Attempt[]);
  return { fakes, stats, lane, call, store, ready: () => new Promise(resolve => setImmediate(resolve)) };
}
