/** Events that scripts failed at, once they are dead letters: found, run again, dropped. */

import { parseExact, stringifyExact } from '../../contract/exact-json.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { toJsonLines } from './json-lines.ts';
import { authorizeNamespace } from './principal.ts';
import { runScripts } from './run-scripts.ts';
import { safeToken } from './safe-token.ts';
import { authorizeLetters, keepLetters, SOURCE } from './script-letters.ts';
import { scriptSources } from './script-sources.ts';
import type { LetterChoice, LetterPage, StoredDeadLetter } from './state/dead-letters.ts';
import { bySettings, deadKey, dropDeadLetters, findDeadLetters } from './state/dead-letters.ts';

/** Which letters; all of it optional but how many. */
export interface ScriptLetterChoice extends Omit<LetterChoice, 'filter'> {
  namespace?: string | undefined;
  script_id?: string | undefined;
}

/** What came of running letters again. */
export interface Replayed {
  events: Record<string, unknown>[];
  /** Went well. */
  done: StoredDeadLetter[];
  failed: number;
}

/** Letters of one namespace, which the caller has to have the right to, as to their bucket. Throws FORBIDDEN, KEY_NOT_FOUND of a key that is asked for. */
export async function findLetters(
  ctx: FunctionContext,
  { namespace = 'default', script_id = '*', ...choice }: ScriptLetterChoice,
): Promise<LetterPage> {
  authorizeNamespace(ctx.principal, namespace);
  authorizeLetters(ctx);
  const filter = deadKey(SOURCE, safeToken(namespace), script_id, '*');
  const where = `namespace ${JSON.stringify(namespace)}`;
  return await findDeadLetters(ctx.kv, ctx, { ...choice, filter, where });
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
  const total: Replayed = { events: [], done: [], failed: 0 };
  for (const group of bySettings(letters)) {
    const settings = settingsOf(group[0]?.settings);
    const mended = script !== undefined && settings.script !== undefined ? { ...settings, script } : settings;
    const { events, done, failed } = await replay(ctx, group, mended);
    total.events.push(...events);
    total.done.push(...done);
    total.failed += failed;
  }
  return total;
}

/** Takes letters out, but for those that were written again since; answers how many it took out. */
export async function dropLetters(
  ctx: FunctionContext,
  letters: readonly StoredDeadLetter[],
): Promise<number> {
  return await dropDeadLetters(ctx.kv, ctx, letters);
}

async function replay(
  ctx: FunctionContext,
  letters: readonly StoredDeadLetter[],
  settings: TransformInput,
): Promise<Replayed> {
  const lines = toJsonLines(letters.map(({ event }) => stringifyExact(event)).join('\n'));
  const { results } = await runScripts(settings, ctx, { ...(await scriptSources(settings, ctx)), lines });
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
    failed: failed.length,
  };
}

function settingsOf(settings: unknown): TransformInput {
  return settings as TransformInput;
}
