import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long nothing was to be done before the pause of a collection disturbs nobody. */
const IDLE_MS = 1_000;
/** The part of that time that timers and pings of a server that nobody calls may take. */
const IDLE_UTILIZATION = 0.05;

/**
 * Lets the heap grow to twice what is alive in it before it is cleared again. By itself V8 lets it become several times as
 * large where the machine has much memory: with identify over HTTP 100 MiB more (bench identify-http). Less costs puts over HTTP
 * more than a twentieth of their speed (bench:builds). To be called before anything is loaded.
 */
export function growHeapSlowly(): void {
  setFlagsFromString('--heap-growing-percent=100');
}

/** Lets the heap grow as V8 has it again: for what much goes through and little stays, clearing it often takes longer than the work. */
export function growHeapFreely(): void {
  setFlagsFromString('--heap-growing-percent=0');
}

/**
 * Gives back what the start of a server left behind, a sixth of its memory (bench startup), once nothing was done for a
 * second: V8 itself may wait for the garbage of calls that never come. Keeps no process alive.
 */
export function collectOnceIdle(): void {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > IDLE_UTILIZATION) return;
    clearInterval(timer);
    collect();
  }, IDLE_MS);
  timer.unref();
}

/** As when memory runs out: pages that are free go back to the system too. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as (options: object) => void)({ type: 'major', flavor: 'last-resort' });
  setFlagsFromString('--no-expose-gc');
}
