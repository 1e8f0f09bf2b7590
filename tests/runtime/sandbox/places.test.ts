import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type LockPlan, startCommand } from '../../../runtime/sandbox/host/layers.ts';
import { createPlaces, processorsOf } from '../../../runtime/sandbox/host/places.ts';
import { startWorker } from '../../../runtime/sandbox/host/worker-process.ts';
import { createSandbox } from '../../../runtime/sandbox/sandbox.ts';

test('places - the processors that a process may run on are read as proc_pid_status(5) writes them', () => {
  expect(processorsOf('Name:\tnode\nCpus_allowed_list:\t0-2,5,7-8\nMems_allowed_list:\t0\n')).toEqual([
    0, 1, 2, 5, 7, 8,
  ]);
  expect(processorsOf('Cpus_allowed_list:\t3\n')).toEqual([3]);
  expect(processorsOf('')).toEqual([]);
});

test('places - as many workers as there are other processors stay off one of them, and a place is used again', () => {
  const places = createPlaces([4, 6, 9]);
  const [first, second] = [places.take(), places.take()];
  expect(first?.processors).toMatch(/^(4,6|4,9|6,9)$/);
  expect(second?.processors).toBe(first?.processors);
  expect(places.take()).toBeUndefined();
  first?.leave();
  first?.leave();
  expect(places.take()?.processors).toBe(second?.processors);
  expect(places.take()).toBeUndefined();
});

test('places - one processor is for all, and of many an idle one is found without us', () => {
  expect(createPlaces([0]).take()).toBeUndefined();
  expect(createPlaces([0, 1, 2, 3]).take()).toBeUndefined();
  expect(createPlaces([]).take()).toBeUndefined();
});

test('places - a worker runs where it was placed, and where it cannot be placed it runs anywhere', async () => {
  const plan = { platform: 'linux', prlimit: undefined, setpriv: '/bin/setpriv', dropUid: false } as const;
  const options = { heapMb: 64, processors: '1' };
  const { file, args } = startCommand({ ...plan, taskset: '/bin/taskset' }, '', options);
  expect([file, ...args.slice(0, 3)]).toEqual(['/bin/taskset', '--cpu-list', '1', '/bin/setpriv']);
  expect(startCommand({ ...plan, taskset: undefined }, '', options).file).toBe('/bin/setpriv');

  const sandbox = createSandbox({ warmWorkers: 0 });
  await sandbox.run({ script: 'return $', events: [{}], namespace: 'n' });
  const [worker] = sandbox.workers();
  const allowed = processorsOf(readFileSync(`/proc/${worker?.pid}/status`, 'latin1'));
  const all = processorsOf(readFileSync('/proc/self/status', 'latin1'));
  await sandbox.close();
  expect(allowed).toHaveLength(all.length > 1 && all.length < 4 ? all.length - 1 : all.length);
});

test('places - a worker that cannot be placed keeps its locks, and its place is given back', async () => {
  const places = createPlaces([0, 1]);
  const plan: LockPlan = {
    platform: 'linux',
    prlimit: undefined,
    setpriv: undefined,
    taskset: '/no/such/taskset',
    dropUid: true,
  };
  const bounds = { memoryMb: 96, frameCap: 1 << 20, raw: false, timeZone: 'UTC', engine: 'vm2' } as const;
  const worker = await startWorker({ plan, places, ...bounds });
  expect(plan.taskset).toBeUndefined();
  // Another user's id is refused to all but root, and the worker has ours.
  if (process.getuid?.() !== 0) expect(plan.dropUid).toBe(false);
  expect(places.take()).toBeDefined();
  worker.end('retired');
  await worker.ended;
});
