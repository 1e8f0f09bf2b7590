import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { run } from './command.ts';

/** A process, told from any later one with the same number by when it started. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the platform's own terms; undefined where that could not be read. */
  startedAt: string | undefined;
}

/** The identity of a process of this machine, or undefined when there is none such. A zombie counts as none. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (!Number.isInteger(pid) || pid <= 0 || !answersSignals(pid)) return undefined;
  if (process.platform !== 'linux') return { pid, startedAt: await startedAtByCommand(pid) };
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Another user's process may be hidden: it is there all the same.
  if (stat === undefined) return answersSignals(pid) ? { pid, startedAt: undefined } : undefined;
  // The command name, in parentheses, may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startedAt] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' ? undefined : { pid, startedAt };
}

/** Whether exactly this process still runs. Where a start time is unknown, the number decides. */
export async function isRunning(known: ProcessIdentity): Promise<boolean> {
  const now = await identify(known.pid);
  if (now === undefined) return false;
  return known.startedAt === undefined || now.startedAt === undefined || known.startedAt === now.startedAt;
}

/** A process' command line as one text, its arguments separated by spaces; undefined where it cannot be read. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
    return text?.replaceAll('\0', ' ').trim();
  }
  if (process.platform === 'win32')
    return powershell(`(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`);
  return ps(pid, 'command=');
}

/**
 * Names the place where process numbers mean the same as here: this boot of this machine, and this container of it.
 * Numbers from anywhere else say nothing.
 */
export async function processPlace(): Promise<string> {
  if (process.platform !== 'linux') return hostname();
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${boot.trim()} ${namespace}`.trim();
}

/**
 * Signals a process that was started detached, with all it may have started itself: a binary may be a script around the
 * real one. One that is gone is no error.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // macOS answers EPERM for a group that has only zombies left.
    if (code !== 'ESRCH' && !(code === 'EPERM' && process.platform === 'darwin')) throw error;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startedAtByCommand(pid: number): Promise<string | undefined> {
  return process.platform === 'win32'
    ? powershell(`(Get-Process -Id ${pid}).StartTime.ToUniversalTime().Ticks`)
    : ps(pid, 'lstart=');
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  // The start time is printed in local time: a changed TZ would make one process look like two.
  const { stdout } = await run('ps', ['-ww', '-o', column, '-p', String(pid)], {
    env: { ...process.env, TZ: 'UTC' },
  }).catch(none);
  return stdout.trim() || undefined;
}

async function powershell(script: string): Promise<string | undefined> {
  const { stdout } = await run('powershell', ['-NoProfile', '-Command', script], { env: process.env }).catch(
    none,
  );
  return stdout.trim() || undefined;
}

const none = (): { stdout: string } => ({ stdout: '' });
