import { readFileSync } from 'node:fs';

/** Where workers run on a system of few processors. */
export interface Places {
  /** The processors for a worker that starts, as a list for taskset(1); undefined where it may have any. */
  take(): Place | undefined;
}

/** What one worker has of them. */
export interface Place {
  processors: string;
  /** The worker has ended. */
  leave(): void;
}

/** With more of them the kernel finds an idle one, also on a busy system. */
const FEW = 3;

/**
 * Who is woken through a socket is put on the processor of whoever wrote to it, unless another is found idle; and from two or
 * three that share a cache Linux looks for none once they are busy (`select_idle_cpu` and SIS_UTIL, kernel/sched/fair.c). We
 * and a worker would take turns on one processor, and the others rest. So as many workers as there are other processors
 * stay off one of them, which is ours whenever they are at work; all others may run anywhere.
 */
export function createPlaces(allowed = processorsOf(readStatus())): Places {
  // Not by the process id: in containers all would have the same one.
  const ours = allowed.length > 0 ? allowed[Math.floor(Math.random() * allowed.length)] : undefined;
  const processors = allowed.filter(one => one !== ours).join();
  const most = allowed.length > FEW ? 0 : allowed.length - 1;
  let taken = 0;
  return {
    take() {
      if (taken >= most) return undefined;
      taken++;
      let isTaken = true;
      return {
        processors,
        leave() {
          if (isTaken) taken--;
          isTaken = false;
        },
      };
    },
  };
}

/** The processors that a process may run on, of its proc_pid_status(5); none where it does not say. */
export function processorsOf(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap(part => {
    const [first = '', last = first] = part.split('-');
    if (first === '') return [];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => Number(first) + at);
  });
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1');
  } catch {
    return '';
  }
}
