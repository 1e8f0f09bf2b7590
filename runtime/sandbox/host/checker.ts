import { PackError } from '../../../contract/errors.ts';
import type { ScriptKind } from '../../core/scripts.ts';
import { createSlots } from '../../core/slots.ts';
import type { SyntaxCheck } from '../types.ts';
import { checkScript } from './limits.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Parses scripts in a worker of its own, so that no script can stall the server by being hard to parse. */
export interface Checker {
  check(script: string, names: string[]): Promise<Checked>;
  close(): void;
}

/** What is known of a script that was parsed. */
export interface Checked {
  fault?: SyntaxCheck;
  kind?: ScriptKind;
}

/** What parsing one script may use of the processor, and how long it may take however little that was. */
const CHECK_CPU_MS = 2000;
const MAX_CHECK_MS = 20_000;
const LOOK_MS = 20;
const TOO_COMPLEX = 'The script is too complex to be parsed.';
const IDLE_MS = 60_000;
const KINDS = new Set(
  'classic function default rudder rudder-batch segment segment-batch library'.split(' '),
);
const NEVER_RETURNS =
  'The script never returns anything, so every event would be skipped: put return before what it makes of the event, or end it with return null where skipping all is meant.';

type Place = { line?: number; column?: number };

function placeOf({ line = 1, column = 1 }: Place): { line: number; column: number } {
  return { line: Number(line), column: Number(column) };
}

/** Where its workers come from. */
export interface CheckerWorkers {
  takeWorker: () => Promise<WorkerProcess>;
  /** A script ended one. */
  onKilled: () => void;
}

/**
 * Keeps one worker while it is used, which parses one script after the other: one that takes too much of the processor or the
 * memory ends it, and nobody else's check with it.
 */
export function createChecker({ takeWorker, onKilled }: CheckerWorkers): Checker {
  const inTurn = createSlots(1);
  let current: Promise<WorkerProcess> | undefined;
  let asked: { id: number; answer: PromiseWithResolvers<Checked> } | undefined;
  let nextId = 1;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  const worker = (): Promise<WorkerProcess> => {
    if (current) return current;
    const own = takeWorker().then(fresh => {
      fresh.listen(onFrame, reason => {
        // Let go of before: nobody waits for it.
        if (current !== own) return;
        current = undefined;
        if (reason === 'retired') return asked?.answer.reject(closed());
        onKilled();
        asked?.answer.resolve({ fault: { message: TOO_COMPLEX, line: 1, column: 1 } });
      });
      return fresh;
    });
    current = own;
    own.catch(() => {
      current = undefined;
    });
    return own;
  };
  const onFrame = (frame: string, text: string): boolean => {
    if (frame !== 'C') return false;
    const [id, fault, idle, kind] = JSON.parse(text) as [
      number,
      Partial<SyntaxCheck> | null,
      Place | null,
      string?,
    ];
    if (id !== asked?.id) return true;
    const known = kind !== undefined && KINDS.has(kind) ? { kind: kind as ScriptKind } : {};
    if (fault) asked.answer.resolve({ fault: { message: String(fault.message ?? ''), ...placeOf(fault) } });
    else if (idle)
      asked.answer.resolve({
        ...known,
        fault: { message: NEVER_RETURNS, ...placeOf(idle), neverReturns: true },
      });
    else asked.answer.resolve(known);
    return true;
  };
  const parse = async (script: string, names: string[]): Promise<Checked> => {
    clearTimeout(idle);
    if (isClosed) throw closed();
    const used = await worker();
    const one = { id: nextId++, answer: Promise.withResolvers<Checked>() };
    asked = one;
    used.send('C', JSON.stringify({ id: one.id, script, names }));
    const leave = endWhenSpent(used);
    try {
      return await one.answer.promise;
    } finally {
      asked = undefined;
      leave();
      idle = setTimeout(() => {
        current = undefined;
        used.end('retired');
      }, IDLE_MS);
      idle.unref();
    }
  };

  return {
    async check(script, names) {
      if (script.trim() === '')
        throw new PackError('SCRIPT_ERROR', 'The script is empty; return $ to keep events as they are.');
      checkScript(script);
      return await inTurn(() => parse(script, names));
    },
    close() {
      isClosed = true;
      current?.then(used => used.end('retired')).catch(() => {});
    },
  };
}

function closed(): PackError {
  return new PackError('UNAVAILABLE', 'transform: the sandbox is closed.');
}

/** Ends a worker that has used too much of the processor from now on; on a busy machine that may be long. Answers how to leave it. */
function endWhenSpent(worker: WorkerProcess): () => void {
  const since = performance.now();
  const before = worker.cpuMs();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const elapsed = performance.now() - since;
    const now = worker.cpuMs();
    const spent = before === undefined || now === undefined ? elapsed : now - before;
    const left = Math.min(CHECK_CPU_MS - spent, MAX_CHECK_MS - elapsed);
    if (left <= 0) worker.end('time');
    else timer = setTimeout(look, Math.max(left, LOOK_MS));
  };
  look();
  return () => clearTimeout(timer);
}
