import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Queried } from '../engine.ts';

// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `query-worker${extname(import.meta.filename)}`);
const MOST_MEMORY_MB = 256;

/** A query that is under way. */
export interface RunningQuery {
  found: Promise<Queried>;
  /** Ends it, whatever it does. */
  end(): Promise<unknown>;
}

/** Runs a query in a thread of its own: one that does not come to an end keeps nobody else from the database. */
export function startQuery(file: string, sql: string, most: number): RunningQuery {
  const worker = new Worker(ENTRY, {
    workerData: { file, sql, most },
    name: 'sqlite query',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  return { found: answerOf(worker), end: () => worker.terminate() };
}

async function answerOf(worker: Worker): Promise<Queried> {
  const [answer] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => [
      { fault: { message: 'the query was ended: is its answer too large?' } },
    ]),
  ])) as [{ found?: Queried; fault?: { message: string } }];
  if (answer.found) return answer.found;
  throw Object.assign(new Error(answer.fault?.message), answer.fault);
}
