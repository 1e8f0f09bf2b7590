import type { WorkerProcess } from './worker-process.ts';

const EVERY_MS = 500;

/** Whether an idle worker has grown beyond so many bytes; the system is asked now and then. */
export function createResidentCheck(
  most: number,
): (worker: Pick<WorkerProcess, 'resident'>, now: number) => boolean {
  let asked = 0;
  return (worker, now) => {
    if (now - asked <= EVERY_MS) return false;
    asked = now;
    return worker.resident() > most;
  };
}
