import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Played, Seeds } from './seeds.ts';

/** Most of what is made is dropped at once: with more room for what is new, less of it is looked at before it is gone. */
const ROOM = ['--min-semi-space-size=16', '--max-semi-space-size=32'];
/** Many errors are made and none is shown with where it came from, unless a seed is played alone. */
const WITHOUT_STACKS = '--stack-trace-limit=0';
const PART = join(import.meta.dirname, 'part.ts');

/** A process that plays seeds. */
export interface Part {
  process: ChildProcess;
  /** Resolves when it has ended: whether all were played. */
  ended: Promise<boolean>;
}

/** Plays seeds in a process of their own, whose clock is not the world's. */
export function playApart(asked: readonly Seeds[], note: (played: Played) => void): Part {
  const [{ first, end, step }] = asked as [Seeds];
  const isOne = asked.length === 1 && first + step >= end;
  const execArgv = ['--no-warnings', ...ROOM, ...(isOne ? [] : [WITHOUT_STACKS])];
  const process = fork(PART, [JSON.stringify(asked)], { execArgv });
  process.on('message', note);
  return { process, ended: once(process, 'exit').then(([code]) => code === 0) };
}
