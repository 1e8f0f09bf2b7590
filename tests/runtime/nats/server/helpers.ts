import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../../../support/patience.ts';

/** A shell script that says it is that version of nats-server. */
export async function fakeServer(path: string, version: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(path, 0o755);
  return path;
}

/** Waits until the condition holds, looking often; milliseconds on a usual machine. */
export async function until(what: string, condition: () => unknown, usualMs = 10_000): Promise<void> {
  const deadlineMs = usualMs * PATIENCE;
  for (const end = Date.now() + deadlineMs; !(await condition()); await sleep(10)) {
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
  }
}

/** Whether the process is there and no zombie. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return isNoZombie(pid);
}

/** A program of the fixtures folder, running in a process of its own, and the first line it prints, as JSON. */
export async function startFixture<T>(
  name: string,
  args: readonly string[],
): Promise<AsyncDisposable & { child: ChildProcess; said: T; kill(): Promise<void> }> {
  const script = join(import.meta.dirname, 'fixtures', name);
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, ['--no-warnings', script, ...args], { stdio });
  const gone = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    gone.then(([code]) => Promise.reject(new Error(`${name} ended (${code}) before it said anything`))),
  ]);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return { child, said: JSON.parse(line) as T, kill, [Symbol.asyncDispose]: kill };
}

function isNoZombie(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return !existsSync('/proc');
  }
}
