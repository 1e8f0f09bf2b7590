import { PackError } from '../../../contract/errors.ts';
import type { ScriptKind } from '../../core/scripts.ts';
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

const CHECK_TIMEOUT_MS = 2000;
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

/** Keeps one worker while it is used; a check that takes too long ends it, and is an error of the script. */
export function createChecker({ takeWorker, onKilled }: CheckerWorkers): Checker {
  const pending = new Map<number, (checked: Checked) => void>();
  let current: Promise<WorkerProcess> | undefined;
  let nextId = 1;
  let idle: NodeJS.Timeout | undefined;

  const worker = (): Promise<WorkerProcess> => {
    current ??= takeWorker().then(fresh => {
      fresh.listen(onFrame, reason => {
        current = undefined;
        if (reason !== 'retired') onKilled();
        for (const id of [...pending.keys()])
          settle(id, { fault: { message: 'The script is too complex to be parsed.', line: 1, column: 1 } });
      });
      return fresh;
    });
    current.catch(() => {
      current = undefined;
    });
    return current;
  };
  const settle = (id: number, checked: Checked): void => {
    pending.get(id)?.(checked);
    pending.delete(id);
  };
  const onFrame = (frame: string, text: string): boolean => {
    if (frame !== 'C') return false;
    const [id, fault, idle, kind] = JSON.parse(text) as [
      number,
      Partial<SyntaxCheck> | null,
      Place | null,
      string?,
    ];
    const known = kind !== undefined && KINDS.has(kind) ? { kind: kind as ScriptKind } : {};
    if (fault) settle(id, { fault: { message: String(fault.message ?? ''), ...placeOf(fault) } });
    else if (idle)
      settle(id, { ...known, fault: { message: NEVER_RETURNS, ...placeOf(idle), neverReturns: true } });
    else settle(id, known);
    return true;
  };

  return {
    async check(script, names) {
      if (script.trim() === '')
        throw new PackError('SCRIPT_ERROR', 'The script is empty; return $ to keep events as they are.');
      checkScript(script);
      const used = await worker();
      const id = nextId++;
      const timer = setTimeout(() => used.end('time'), CHECK_TIMEOUT_MS);
      const checked = new Promise<Checked>(resolve => pending.set(id, resolve));
      used.send('C', JSON.stringify({ id, script, names }));
      clearTimeout(idle);
      idle = setTimeout(() => used.end('retired'), IDLE_MS);
      idle.unref();
      return checked.finally(() => clearTimeout(timer));
    },
    close() {
      current?.then(used => used.end('retired')).catch(() => {});
    },
  };
}
