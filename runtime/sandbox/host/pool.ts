import { availableParallelism } from 'node:os';
import { createAlarm } from './alarm.ts';
import type { Attempt } from './attempt.ts';
import { createLane } from './lane.ts';
import type { Lane, LaneContext } from './lane-types.ts';
import { chooseNext, chooseToYield, type Seeker } from './shares.ts';
import { createSpareTime, type SpareTime } from './spare-time.ts';

/** Lanes by namespace, never more than the workers allowed. */
export interface Pool {
  /** `tenant` is who calls: workers are shared out among tenants first, then among their namespaces. */
  submit(tenant: string, namespace: string, attempts: Attempt[]): void;
  size(): number;
  /** Events that run or wait for a worker. */
  load(): number;
  workers(): { namespace: string; pid: number }[];
  close(): void;
}

/** How many workers, and for how long. */
export interface PoolOptions {
  maxWorkers: number;
  /** Workers beyond those, only for tenants that have none. */
  maxExtra: number;
  maxPerNamespace: number;
  idleMs: number;
  /** Default: that of this process. */
  spareTime?: SpareTime;
  lane: Omit<LaneContext, 'onIdle' | 'onYield' | 'resubmit' | 'tenant'>;
}

interface Queued extends Seeker {
  attempts: Attempt[];
}

const CORES = availableParallelism();
const WATCH_MS = 25;
const IDLE_WATCH_MS = 1000;
/** So long a lane keeps its worker while others wait for one; a new worker costs a fifth of it. */
const QUANTUM_MS = 500;
/** What will be done by then need not have a second worker. */
const SOON_MS = 10;
/** The same where this process is itself what the work waits for: another worker would only take the processor from it. */
const SOON_WHEN_BUSY_MS = 100;
/** What a worker takes to start. */
const START_MS = 150;

/**
 * A namespace keeps its worker while it has work and nobody waits; one that has had it for a while gives it up between two
 * events to who waits, and queues up behind. A worker is ended, never handed over.
 */
export function createPool(options: PoolOptions): Pool {
  const lanes = new Set<Lane>();
  let queue: Queued[] = [];
  let closed = false;
  // Calls that keep coming must not put off the end of a script that hangs.
  const alarm = createAlarm(watch);
  const { spareTime = createSpareTime() } = options;

  const remove = (lane: Lane): void => {
    lanes.delete(lane);
    lane.close();
  };
  const makeRoom = (seeker: Seeker): boolean => {
    if (lanes.size < options.maxWorkers) return true;
    const idle = [...lanes].filter(lane => lane.load() === 0).sort((a, b) => a.idleSince() - b.idleSince());
    if (idle[0]) remove(idle[0]);
    return idle.length > 0 || mayHaveExtra(seeker);
  };
  /** Whoever has no worker need not wait for those who keep all of them busy. */
  const mayHaveExtra = ({ tenant, namespace }: Seeker): boolean => {
    if (lanes.size >= options.maxWorkers + options.maxExtra) return false;
    const tenants = new Set([...lanes].map(lane => lane.tenant));
    if (!tenants.has(tenant)) return true;
    return tenants.size === 1 && ![...lanes].some(lane => lane.namespace === namespace);
  };

  /**
   * The lane for a call: the first of its namespace that will soon be done, a new one, or the least busy of its own. Short
   * work is no faster in two workers: they and this process would take turns on the processors. Nor does it wait for one that starts
   * where another will be done by then.
   */
  const choose = (seeker: Seeker): Lane | undefined => {
    const { namespace, tenant } = seeker;
    const own = [...lanes].filter(lane => lane.namespace === namespace);
    const ready = own.filter(lane => lane.pid() > 0);
    const soonMs = spareTime.isThere() ? SOON_MS : SOON_WHEN_BUSY_MS;
    const soon = (ready.length > 0 ? ready : own).find(lane => lane.backlogMs() < soonMs);
    if (soon) return soon;
    const sooner = ready.filter(lane => lane.backlogMs() < START_MS);
    const [best] = (sooner.length > 0 ? sooner : own).sort((a, b) => a.load() - b.load());
    // One that starts is enough: a third would come for every block that the first is not done with yet.
    if (sooner.length > 0 && ready.length < own.length) return best;
    const more =
      own.length === 0 || (own.length < options.maxPerNamespace && lanes.size < options.maxWorkers);
    if (!more || !makeRoom(seeker)) return best;
    const lane: Lane = createLane(namespace, {
      ...options.lane,
      tenant,
      // Who removes a lane places who is next: a second one for the same events would run them twice.
      onIdle: () => lanes.has(lane) && onIdle(),
      onYield,
      resubmit: enqueue(seeker),
    });
    lanes.add(lane);
    return lane;
  };
  const place = (seeker: Queued): boolean => {
    const attempts = seeker.attempts.filter(attempt => !attempt.settled);
    if (attempts.length === 0) return true;
    const lane = choose(seeker);
    lane?.push(attempts);
    return lane !== undefined;
  };
  function enqueue({ tenant, namespace }: Seeker): (attempts: Attempt[]) => void {
    return attempts => {
      if (closed) return failAll(attempts);
      const seeker = { tenant, namespace, attempts };
      if (queue.length > 0 || !place(seeker)) queue.push(seeker);
      alarm.within(WATCH_MS);
    };
  }
  /** A lane has given up its worker: those it had not done go behind everybody who waits. */
  function onYield(lane: Lane, attempts: Attempt[]): void {
    lanes.delete(lane);
    queue.push({ tenant: lane.tenant, namespace: lane.namespace, attempts });
    onIdle();
  }
  function onIdle(): void {
    for (let next = chooseNext(queue, [...lanes]); next; next = chooseNext(queue, [...lanes])) {
      const chosen = next;
      if (!place(chosen)) return;
      queue = queue.filter(other => other !== chosen);
    }
  }

  function watch(): void {
    const now = Date.now();
    let busy = 0;
    spareTime.look();
    queue = queue.filter(({ attempts }) => attempts.some(attempt => !attempt.settled));
    for (const lane of [...lanes]) {
      lane.watch(now);
      if (lane.load() > 0) busy++;
      else if (now - lane.idleSince() > options.idleMs || lanes.size > options.maxWorkers) remove(lane);
    }
    if (busy > CORES) for (const lane of lanes) if (isLong(lane, now)) lane.stepBack();
    if (queue.length > 0) {
      onIdle();
      for (const lane of chooseToYield(queue, [...lanes], now - QUANTUM_MS)) lane.yieldSoon();
    }
    if (lanes.size > 0) alarm.within(busy === 0 ? IDLE_WATCH_MS : WATCH_MS);
  }

  /** Whose workers were killed lately is taken for one that will be busy for long. */
  function isLong(lane: Lane, now: number): boolean {
    const allowedMs = options.lane.losses.count(lane.tenant) > 0 ? 0 : QUANTUM_MS;
    return lane.busySince() < now - allowedMs;
  }

  function failAll(attempts: Attempt[]): void {
    for (const attempt of attempts)
      attempt.call.fail(attempt, { code: 'UNAVAILABLE', message: 'transform: the sandbox is closing.' });
  }

  return {
    submit(tenant, namespace, attempts) {
      const seeker = { tenant, namespace, attempts };
      if (!place(seeker)) queue.push(seeker);
      alarm.within(WATCH_MS);
    },
    size: () => lanes.size,
    load: () =>
      [...lanes].reduce((sum, lane) => sum + lane.load(), 0) +
      queue.reduce((sum, { attempts }) => sum + attempts.filter(({ settled }) => !settled).length, 0),
    workers: () =>
      [...lanes].map(lane => ({ namespace: lane.namespace, pid: lane.pid() })).filter(({ pid }) => pid > 0),
    close() {
      closed = true;
      alarm.stop();
      for (const lane of [...lanes]) remove(lane);
      for (const { attempts } of queue) failAll(attempts);
      queue = [];
    },
  };
}
