import { invalidField, PackError } from '../../../contract/errors.ts';
import type { SandboxLimits } from '../types.ts';

/** Limits a sandbox has when nothing else is asked for. */
export const DEFAULT_LIMITS: SandboxLimits = {
  logLines: 100,
  logBytes: 16_384,
  resultBytes: 1 << 20,
  eventsOut: 1000,
  kvOperations: 1000,
  kvValueBytes: 1 << 20,
  kvTtlMs: 60 * 24 * 3600 * 1000,
};

/** Longest script accepted, in characters. */
export const MAX_SCRIPT_LENGTH = 1 << 20;

/** `$kv` values one event may write, as a multiple of the largest value. */
export const MAX_WRITTEN_VALUES = 4;

/** The asked-for limits, none above `ceiling`; `ceiling` itself where none are. */
export function lowered(ceiling: SandboxLimits, asked?: Partial<SandboxLimits>): SandboxLimits {
  if (!asked) return ceiling;
  const out = { ...ceiling };
  for (const name of Object.keys(ceiling) as (keyof SandboxLimits)[]) {
    const value = asked[name];
    if (value !== undefined) out[name] = Math.max(0, Math.min(ceiling[name], Math.floor(value)));
  }
  return out;
}

/** Largest frame a worker may send: a full frame and one record on top, at three bytes a character. */
export function frameCap(limits: SandboxLimits): number {
  const record = limits.resultBytes + MAX_WRITTEN_VALUES * limits.kvValueBytes + 2 * limits.logBytes;
  return 3 * ((1 << 20) + record) + (1 << 20);
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const TAKEN = new Set(
  (
    '$ _ $kv $context console arguments await break case catch class const continue debugger default delete do else enum eval ' +
    'export extends false finally for function if implements import in instanceof interface let new null package private ' +
    'protected public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
);

/** Rejects variables that could not be the names of globals, and says which. */
export function checkVariables(variables: Record<string, unknown>): void {
  for (const name of Object.keys(variables)) {
    if (NAME.test(name) && !TAKEN.has(name)) continue;
    const where = `/variables/${name.slice(0, 100)}`;
    throw invalidField(
      where,
      `transform: "${name.slice(0, 100)}" cannot be a global of the script; rename it to a free identifier.`,
    );
  }
}

/** Rejects a script that is too long to be looked at. */
export function checkScript(script: string): void {
  if (script.length <= MAX_SCRIPT_LENGTH) return;
  throw new PackError(
    'SCRIPT_ERROR',
    `The script has ${script.length} characters; the limit is ${MAX_SCRIPT_LENGTH}.`,
  );
}
