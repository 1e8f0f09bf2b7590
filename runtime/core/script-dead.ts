/** Events that scripts failed at, once they are dead letters: found, run again, dropped. */

import type { ErrorCode } from '../../contract/errors.ts';
import { invalidField, PackError } from '../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../contract/exact-json.ts';
import { decodeToken } from '../../contract/recognition-token.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { toJsonLines } from './json-lines.ts';
import { authorizeNamespace, mayUseNamespace } from './principal.ts';
import { runScripts } from './run-scripts.ts';
import { safeToken } from './safe-token.ts';
import { authorizeLetters, keepLetters, SOURCE } from './script-letters.ts';
import type { ScriptSources } from './script-sources.ts';
import { scriptSources } from './script-sources.ts';
import type { LetterChoice, LetterPage, LetterPlace, StoredDeadLetter } from './state/dead-letters.ts';
import { bySettings, deadKey, dropDeadLetters, findDeadLetters } from './state/dead-letters.ts';

/** Which letters; all of it optional but how many. */
export interface ScriptLetterChoice extends Omit<LetterChoice, 'filter'> {
  namespace?: string | undefined;
  /** In place of one. */
  all_namespaces?: boolean | undefined;
  script_id?: string | undefined;
}

/** What came of running letters again. */
export interface Replayed {
  events: Record<string, unknown>[];
  /** Went well. */
  done: StoredDeadLetter[];
  /** Stay, and why. */
  failures: ReplayFailure[];
}

/** A letter that failed again. */
export interface ReplayFailure {
  key: string;
  code: string;
  message: string;
}

/** Of a line that is no JSON object: no script can be run over it. */
const NO_EVENT = {
  code: 'INVALID_INPUT',
  message:
    'What came is no JSON object, so no script can be run over it: mend its text, give it to transform, and drop this letter.',
};
/** Of what was too large to be kept whole. */
const LEFT_OUT = {
  event: 'The event was too large to be kept: give it to transform again, and drop this letter.',
  settings:
    'The script and the variables of its call were too large to be kept: give the event to transform with them, and drop this letter.',
};
const SCRIPT_GONE: ReadonlySet<string> = new Set<ErrorCode>(['KEY_NOT_FOUND', 'SCRIPT_ERROR']);

/**
 * Letters of one namespace, which the caller has to have the right to, or of all that it may use. Throws FORBIDDEN, KEY_NOT_FOUND
 * of a key that is asked for.
 */
export async function findLetters(
  ctx: FunctionContext,
  { namespace, all_namespaces, script_id = '*', ...choice }: ScriptLetterChoice,
): Promise<LetterPage> {
  authorizeLetters(ctx);
  if (all_namespaces) {
    if (namespace !== undefined)
      throw invalidField('/all_namespaces', 'is of calls that name no namespace; leave one of them out');
    const wants = (key: string) => mayUseNamespace(ctx.principal, namespaceIn(key));
    const filter = deadKey(SOURCE, '*', script_id, '*');
    return await findDeadLetters(ctx.kv, ctx, { ...choice, filter, wants, where: 'any namespace' });
  }
  const one = namespace ?? 'default';
  authorizeNamespace(ctx.principal, one);
  const filter = deadKey(SOURCE, safeToken(one), script_id, '*');
  return await findDeadLetters(ctx.kv, ctx, { ...choice, filter, where: `namespace ${JSON.stringify(one)}` });
}

/** Of a long name there is only a hash, which only those may use who may use any. */
function namespaceIn(key: string): string {
  const [, token = ''] = key.split('.');
  const { text, hashed } = decodeToken(token);
  return hashed ? token : text;
}

/** The stored script that a letter's call named; undefined where the call brought its script along. */
export function scriptOf({ settings }: StoredDeadLetter): string | undefined {
  return settingsOf(settings).script_id;
}

/** Runs letters again, each with the settings of its call, `script` in place of a text that came with it. What fails is kept anew. */
export async function replayLetters(
  ctx: FunctionContext,
  letters: readonly StoredDeadLetter[],
  script?: string,
): Promise<Replayed> {
  const [cut, whole] = partition(letters, ({ leftOut }) => leftOut !== undefined);
  const [texts, given] = partition(whole, ({ text }) => text !== undefined);
  const failures = [
    ...cut.map(({ key, leftOut = 'event' }) => ({
      key,
      code: 'VALUE_TOO_LARGE',
      message: LEFT_OUT[leftOut],
    })),
    ...texts.map(({ key }) => ({ key, ...NO_EVENT })),
  ];
  const total: Replayed = { events: [], done: [], failures };
  const groups = bySettings(given);
  for (const group of groups) {
    const settings = settingsOf(group[0]?.settings);
    const mended = script !== undefined && settings.script !== undefined ? { ...settings, script } : settings;
    const sources = await sourcesOf(ctx, mended, groups.length > 1);
    const { events, done, failures } =
      sources instanceof PackError
        ? { events: [], done: [], failures: group.map(({ key }) => failureOf(key, sources)) }
        : await replay(ctx, group, { settings: mended, sources });
    total.events.push(...events);
    total.done.push(...done);
    total.failures.push(...failures);
  }
  return total;
}

/** Takes letters out, but for those that were written again since; answers how many it took out. */
export async function dropLetters(ctx: FunctionContext, letters: readonly LetterPlace[]): Promise<number> {
  return await dropDeadLetters(ctx.kv, ctx, letters);
}

/** The error of a script that is gone costs the letters of its calls alone, where there are others. */
async function sourcesOf(
  ctx: FunctionContext,
  settings: TransformInput,
  others: boolean,
): Promise<ScriptSources | PackError> {
  try {
    return await scriptSources(settings, ctx);
  } catch (error) {
    if (others && error instanceof PackError && SCRIPT_GONE.has(error.code)) return error;
    throw error;
  }
}

function failureOf(key: string, { code, message }: { code: string; message: string }): ReplayFailure {
  return { key, code, message };
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))];
}

async function replay(
  ctx: FunctionContext,
  letters: readonly StoredDeadLetter[],
  { settings, sources }: { settings: TransformInput; sources: ScriptSources },
): Promise<Replayed> {
  const lines = toJsonLines(letters.map(({ event }) => stringifyExact(event)).join('\n'));
  const { results } = await runScripts(settings, ctx, { ...sources, lines });
  const failed = results.flatMap(({ index, error }) => {
    const letter = letters[index];
    return error && letter ? [{ event: letter.event, error, key: letter.key }] : [];
  });
  await keepLetters(ctx, settings, failed);
  return {
    events: results.flatMap(({ texts = [] }) =>
      texts.map(text => parseExact(text) as Record<string, unknown>),
    ),
    done: results.flatMap(({ index, error }) => {
      const letter = letters[index];
      return error || !letter ? [] : [letter];
    }),
    failures: failed.map(({ key, error }) => failureOf(key, error)),
  };
}

function settingsOf(settings: unknown): TransformInput {
  return settings as TransformInput;
}
