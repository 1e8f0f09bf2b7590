import { createAlarm } from './alarm.ts';
import type { Attempt } from './call.ts';
import { createLane, type Lane, type LaneContext } from './lane.ts';

/** Lanes by namespace, never more than the workers allowed. */
export interface Pool {
  submit(namespace: string, attempts: Attempt[]): void;
  size(): number;
  workers(): { namespace: string; pid: number }[];
  close(): void;
}

/** How many workers, and for how long. */
export interface PoolOptions {
  maxWorkers: number;
  maxPerNamespace: number;
  idleMs: number;
  lane: Omit<LaneContext, 'onIdle'>;
}

const WATCH_MS = 25;
const IDLE_WATCH_MS = 1000;

/** A namespace keeps its worker while it has work; an idle one is ended, not handed over, when another needs the place. */
export function createPool(options: PoolOptions): Pool {
  const lanes = new Set<Lane>();
  let queue: { namespace: string; attempts: Attempt[] }[] = [];
  // Calls that keep coming must not put off the end of a script that hangs.
  const alarm = createAlarm(watch);

  const remove = (lane: Lane): void => {
    lanes.delete(lane);
    lane.close();
  };
  const makeRoom = (): boolean => {
    if (lanes.size < options.maxWorkers) return true;
    const idle = [...lanes].filter(lane => lane.load() === 0).sort((a, b) => a.idleSince() - b.idleSince());
    if (idle[0]) remove(idle[0]);
    return idle.length > 0;
  };

  /** The lane for a call: an idle one of its namespace, a new one, or the least busy of its own. */
  const choose = (namespace: string): Lane | undefined => {
    const own = [...lanes].filter(lane => lane.namespace === namespace).sort((a, b) => a.load() - b.load());
    const [best] = own;
    if (best?.load() === 0) return best;
    const more =
      own.length === 0 || (own.length < options.maxPerNamespace && lanes.size < options.maxWorkers);
    if (!more || !makeRoom()) return best;
    const lane = createLane(namespace, { ...options.lane, onIdle });
    lanes.add(lane);
    return lane;
  };
  const place = (namespace: string, attempts: Attempt[]): boolean => {
    const lane = choose(namespace);
    if (!lane) return false;
    lane.push(attempts);
    return true;
  };
  const onIdle = (): void => {
    if (queue.length === 0) return;
    const before = queue;
    queue = [];
    for (const call of before) if (!place(call.namespace, call.attempts)) queue.push(call);
  };

  function watch(): void {
    const now = Date.now();
    let busy = 0;
    for (const lane of [...lanes]) {
      lane.watch(now);
      if (lane.load() > 0) busy++;
      else if (now - lane.idleSince() > options.idleMs) remove(lane);
    }
    if (lanes.size > 0) alarm.within(busy === 0 ? IDLE_WATCH_MS : WATCH_MS);
  }

  return {
    submit(namespace, attempts) {
      if (!place(namespace, attempts)) queue.push({ namespace, attempts });
      alarm.within(WATCH_MS);
    },
    size: () => lanes.size,
    workers: () =>
      [...lanes].map(lane => ({ namespace: lane.namespace, pid: lane.pid() })).filter(({ pid }) => pid > 0),
    close() {
      alarm.stop();
      for (const lane of [...lanes]) remove(lane);
      for (const { attempts } of queue)
        for (const attempt of attempts)
          attempt.call.fail(attempt, { code: 'UNAVAILABLE', message: 'transform: the sandbox is closing.' });
      queue = [];
    },
  };
}
