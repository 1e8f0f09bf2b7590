import { expect, test } from '@jest/globals';
import { createWarmPool } from '../../../runtime/sandbox/host/warm-pool.ts';
import type { WorkerProcess } from '../../../runtime/sandbox/host/worker-process.ts';
import { eventually } from '../../support/eventually.ts';

test('warm pool - one that a caller waits for is none of those that are kept ready', async () => {
  const started: ((worker: WorkerProcess) => void)[] = [];
  const worker = { listen() {}, end() {}, ended: Promise.resolve() } as unknown as WorkerProcess;
  const pool = createWarmPool(
    { wanted: 1, refill: true },
    () => new Promise<WorkerProcess>(resolve => void started.push(resolve)),
  );
  const [first, second] = [pool.take(), pool.take()];
  // Both start for who asked, and one beside them for who comes next.
  await eventually(() => expect(started).toHaveLength(3));
  for (const ready of started) ready(worker);
  expect(await Promise.all([first, second])).toEqual([worker, worker]);
  await eventually(() => expect(pool.size()).toBe(1));
  await pool.close();
});
