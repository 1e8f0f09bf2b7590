import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Played, Seeds } from './seeds.ts';

const PART = join(import.meta.dirname, 'part.ts');

/** A process that plays seeds. */
export interface Part {
  process: ChildProcess;
  /** Resolves when it has ended: whether all were played. */
  ended: Promise<boolean>;
}

/** Plays seeds in a process of their own, whose clock is not the world's. */
export function playApart(asked: readonly Seeds[], note: (played: Played) => void): Part {
  const process = fork(PART, [JSON.stringify(asked)], { execArgv: ['--no-warnings'] });
  process.on('message', note);
  return { process, ended: once(process, 'exit').then(([code]) => code === 0) };
}
