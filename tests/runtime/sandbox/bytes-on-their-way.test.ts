import { expect, test } from '@jest/globals';
import { freeBytes } from '../../../runtime/core/free-bytes.ts';
import type { LockPlan } from '../../../runtime/sandbox/host/layers.ts';
import { createPlaces } from '../../../runtime/sandbox/host/places.ts';
import { startWorker } from '../../../runtime/sandbox/host/worker-process.ts';
import { eventually } from '../../support/eventually.ts';

const NO_LOCKS: LockPlan = {
  platform: process.platform,
  prlimit: undefined,
  setpriv: undefined,
  taskset: undefined,
  dropUid: false,
};

test('worker - bytes that it has not read yet keep their memory, whoever gives them back, and lose it once they are sent', async () => {
  const bounds = { memoryMb: 96, frameCap: 1 << 20, raw: false, timeZone: 'UTC', engine: 'vm2' } as const;
  const worker = await startWorker({ plan: NO_LOCKS, places: createPlaces([]), ...bounds });
  // More than a pipe takes: it is held up as one that says it has read what it has not.
  process.kill(worker.pid, 'SIGSTOP');
  const bytes = Buffer.allocUnsafeSlow(4_000_000).fill('x');
  worker.send('R', '{}', bytes.subarray(0, 2_000_000));
  worker.send('R', '{}', bytes.subarray(2_000_000));
  freeBytes(bytes);
  expect(bytes.length).toBe(4_000_000);
  worker.end('retired');
  await worker.ended;
  await eventually(async () => {
    freeBytes(bytes);
    expect(bytes.length).toBe(0);
  });
});
