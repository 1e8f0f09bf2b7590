import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 50;

/**
 * The processes whose environment began with `name=value`: all that one of them started, however far down, whoever has
 * adopted it since. Empty where the system has no /proc.
 */
export async function markedProcesses(name: string, value: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(entry => /^\d+$/.test(entry)).map(Number);
  const marked = await Promise.all(
    pids.map(async pid => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(`${name}=${value}`);
    }),
  );
  return pids.filter((pid, index) => marked[index] && pid !== process.pid);
}

/**
 * Ends them at once, and those that they start meanwhile, until none is left or the time is over. It looks twice: a process that is about
 * to become another program has no environment for a moment.
 */
export async function endMarked(name: string, value: string, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  for (let looks = 0; looks < 2 && Date.now() < until; ) {
    const left = await markedProcesses(name, value);
    for (const pid of left) end(pid);
    looks = left.length > 0 ? 0 : looks + 1;
    await sleep(LOOK_AGAIN_MS);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
