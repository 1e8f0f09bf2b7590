import type { CallUsage } from './usage.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Who pays for what the worker of a lane uses of the processor. */
export interface LaneCpu {
  /** A worker takes over: what it used before is nobody's. */
  begin(worker: Pick<WorkerProcess, 'cpuMs'>): void;
  /** The worker is sent events of this call. */
  send(call: CpuMeter): void;
  /** The worker is done with all that it was sent. */
  rest(): void;
  /** Charges what was used since the last look. */
  look(): void;
  /** The last look at a worker, which may have ended already. */
  end(): void;
}

/** What a lane is at now. */
export interface LaneState {
  /** Of the call whose event the worker is at, undefined where it is at none. */
  running(): CpuMeter | undefined;
  /** The worker waits for us, and uses nothing. */
  waits(): boolean;
}

/** What a call pays with. It outlives the call, whose scripts may have used more than was charged when it was answered. */
export interface CpuMeter {
  spend(ms: number): void;
  /** The call is answered: it pays, but cannot be ended any more, and nothing of it is held on to. */
  close(): void;
}

/** The kernel counts in such steps: to look again sooner tells nothing new. */
const STEP_MS = 10;
/** What the start of a worker left behind is collected once, when it was at rest for a second: that is nobody's, as its start is. */
const COLLECTS_AFTER_MS = 500;
const MAX_COLLECT_MS = 100;

/**
 * Charges the call whose event the worker is at, or the last one that it was sent an event of: what a call uses may be
 * over long before the next look. Where the system does not tell processor time, the time on the clock stands for it.
 */
export function createLaneCpu({ running, waits }: LaneState, now: () => number = Date.now): LaneCpu {
  let worker: Pick<WorkerProcess, 'cpuMs'> | undefined;
  let payer: CpuMeter | undefined;
  /** What the worker had used at the last look, and when that was. */
  let usedMs: number | undefined;
  let lookedAt = 0;
  /** Since when it has something to do, undefined where it has not. */
  let busyAt: number | undefined;
  let restedAt = 0;
  /** How much it may still use for nobody. */
  let freeMs = 0;

  const freeOf = (ms: number, time: number): number => {
    const isLongAtRest = busyAt === undefined && lookedAt >= restedAt && time - restedAt >= COLLECTS_AFTER_MS;
    const free = isLongAtRest ? Math.min(freeMs, ms) : 0;
    freeMs -= free;
    return free;
  };
  const look = (): void => {
    if (!worker) return;
    const [time, used] = [now(), worker.cpuMs()];
    payer = running() ?? payer;
    if (used !== undefined && usedMs !== undefined) {
      const ms = Math.max(0, used - usedMs);
      payer?.spend(ms - freeOf(ms, time));
    } else if (busyAt !== undefined && !waits()) {
      payer?.spend(time - Math.max(lookedAt, busyAt));
    }
    usedMs = used;
    lookedAt = time;
  };
  return {
    begin(fresh) {
      worker = fresh;
      payer = undefined;
      usedMs = fresh.cpuMs();
      lookedAt = now();
      busyAt = undefined;
      freeMs = MAX_COLLECT_MS;
    },
    send(call) {
      const time = now();
      // What was used before is not for this call to pay.
      if (payer && payer !== call && time - lookedAt >= STEP_MS) look();
      payer = call;
      busyAt ??= time;
    },
    rest() {
      if (usedMs === undefined) look();
      busyAt = undefined;
      restedAt = now();
    },
    look,
    end() {
      look();
      worker = undefined;
      payer = undefined;
    },
  };
}

/** `onFault` ends the call. */
export function createCpuMeter(
  usage: CallUsage,
  onFault: (fault: NonNullable<ReturnType<CallUsage['spendCpu']>>) => void,
): CpuMeter {
  let told: typeof onFault | undefined = onFault;
  return {
    spend(ms) {
      const fault = usage.spendCpu(ms);
      if (fault) told?.(fault);
    },
    close() {
      told = undefined;
    },
  };
}
