import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const HEAP = join(import.meta.dirname, '../../../../runtime/transports/cli/heap.ts');

/** Works for a while and says how long after its work all garbage was collected. */
const SERVER = `
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { collectOnceIdle } from ${JSON.stringify(HEAP)};
const WORK_MS = 1_500;
const alive = setInterval(() => undefined, 60_000);
let ended = Infinity;
new PerformanceObserver(list => {
  for (const { startTime, detail } of list.getEntries()) {
    if (!(detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE)) continue;
    console.log(Math.round(startTime - ended), typeof globalThis.gc);
    clearInterval(alive);
    return;
  }
}).observe({ entryTypes: ['gc'] });
collectOnceIdle();
const from = performance.now();
(function work() {
  const until = performance.now() + 100;
  while (performance.now() < until);
  ended = performance.now();
  if (ended - from < WORK_MS) setTimeout(work, 10);
})();
`;

test('heap - the garbage of the start goes once nothing was done for a second, and never under work', async () => {
  const args = ['--input-type=module', '--no-warnings', '--eval', SERVER];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [after, gc] = stdout.trim().split(' ');
  expect(Number(after)).toBeGreaterThanOrEqual(900);
  expect(gc).toBe('undefined');
});
