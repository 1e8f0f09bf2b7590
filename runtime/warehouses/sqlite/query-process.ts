/**
 * The process of one query. Nothing but the end of its process ends what SQLite does: the query runs in a thread, so that
 * this one hears when kvflow is gone.
 */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

const ENTRY = join(import.meta.dirname, `query-worker${extname(import.meta.filename)}`);

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.once('message', workerData => {
  const worker = new Worker(ENTRY, { workerData });
  worker.on('message', answer => process.send?.(answer));
  worker.on('error', error => process.send?.({ fault: { message: String(error) } }));
});
