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

test('warm pool - who waits gets the first that is ready, though it was not started for it', async () => {
  const started: PromiseWithResolvers<WorkerProcess>[] = [];
  const named = (pid: number) =>
    ({ pid, listen() {}, end() {}, ended: Promise.resolve() }) as unknown as WorkerProcess;
  const pool = createWarmPool({ wanted: 1, refill: false }, () => {
    started.push(Promise.withResolvers<WorkerProcess>());
    return started.at(-1)?.promise ?? Promise.reject(new Error('never'));
  });
  pool.fill();
  const [first, second] = [pool.take(), pool.take()];
  // The one that was to be kept ready is taken as it starts; only the second waits for one more.
  expect(started).toHaveLength(2);
  started[1]?.resolve(named(2));
  expect((await first).pid).toBe(2);
  started[0]?.reject(new Error('no process'));
  await expect(second).rejects.toThrow('no process');
  expect(pool.size()).toBe(0);
  await pool.close();
});

test('warm pool - who waits gets what is ready first, also where another one has it started, who gets the next', async () => {
  const started: PromiseWithResolvers<WorkerProcess>[] = [];
  const named = (pid: number) =>
    ({ pid, listen() {}, end() {}, ended: Promise.resolve() }) as unknown as WorkerProcess;
  const pool = createWarmPool({ wanted: 0, refill: true }, () => {
    const next = Promise.withResolvers<WorkerProcess>();
    started.push(next);
    return next.promise;
  });
  const order: string[] = [];
  const told = (name: string, worker: Promise<WorkerProcess>) =>
    worker.then(({ pid }) => void order.push(`${name} ${pid}`));
  const lost = told('lost', pool.start());
  const calm = told('calm', pool.take());
  expect(started).toHaveLength(2);
  started[0]?.resolve(named(1));
  await new Promise(resolve => setImmediate(resolve));
  expect(order).toEqual(['calm 1']);
  // Whoever comes now waits behind it: nobody has to give way twice.
  const later = told('later', pool.take());
  started[1]?.resolve(named(2));
  await Promise.all([calm, lost]);
  expect(started).toHaveLength(3);
  started[2]?.resolve(named(3));
  await later;
  expect(order).toEqual(['calm 1', 'lost 2', 'later 3']);
  // Where nobody waits it is its own.
  const alone = pool.start();
  started[3]?.resolve(named(4));
  expect((await alone).pid).toBe(4);
  await pool.close();
});
