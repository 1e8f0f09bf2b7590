import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import type { Queried } from '../engine.ts';

// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `query-process${extname(import.meta.filename)}`);
const MAX_MEMORY_MB = 128;

/** A query that is under way. */
export interface RunningQuery {
  found: Promise<Queried>;
  /** Ends it at once, whatever it does. */
  end(): void;
}

/**
 * Runs a query in a process of its own: one that does not come to an end, or takes all the memory there is, costs nobody
 * else anything.
 */
export function startQuery(file: string, sql: string, most: number): RunningQuery {
  const child = fork(ENTRY, {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${MAX_MEMORY_MB}`],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.send({ file, sql, most });
  return { found: answerOf(child), end: () => void child.kill('SIGKILL') };
}

async function answerOf(child: ChildProcess): Promise<Queried> {
  const [answer] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [{ fault: { message: 'the query was ended: is its answer too large?' } }]),
  ])) as [{ found?: Queried; fault?: { message: string } }];
  if (answer.found) return answer.found;
  throw Object.assign(new Error(answer.fault?.message), answer.fault);
}
