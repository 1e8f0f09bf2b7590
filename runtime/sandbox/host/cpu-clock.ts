import { closeSync, openSync, readSync } from 'node:fs';

/** Tells what a process has used of the processors. */
export interface CpuClock {
  /** Milliseconds since it was started; undefined where the system does not say. */
  ms(): number | undefined;
  close(): void;
}

/** The kernel counts in hundredths of a second (proc_pid_stat(5), fields 14 and 15). */
const TICK_MS = 10;
const UTIME = 11;
/** More than a line of it has. */
const LINE_BYTES = 2048;
const line = Buffer.allocUnsafeSlow(LINE_BYTES);

/** Opens it. It is looked at many times a second: to read again what is open costs a quarter of opening it. */
export function openCpuClock(pid: number): CpuClock {
  let file = process.platform === 'linux' ? open(`/proc/${pid}/stat`) : undefined;
  return {
    ms() {
      if (file === undefined) return undefined;
      try {
        const stat = line.toString('latin1', 0, readSync(file, line, 0, LINE_BYTES, 0));
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', UTIME + 2);
        return TICK_MS * (Number(fields[UTIME]) + Number(fields[UTIME + 1]));
      } catch {
        return undefined;
      }
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
