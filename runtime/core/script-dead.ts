/** Events that scripts failed at, once they are dead letters: found, run again, dropped. */

import { PackError } from '../../contract/errors.ts';
import { stringifyExact } from '../../contract/exact-json.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { lineAt, toJsonLines } from './json-lines.ts';
import { pipelined } from './pipeline.ts';
import type { KvStore } from './ports.ts';
import { authorizeNamespace } from './principal.ts';
import { runScripts } from './run-scripts.ts';
import { safeToken } from './safe-token.ts';
import { keepLetters, SOURCE } from './script-letters.ts';
import { scriptSources } from './script-sources.ts';
import type { StoredDeadLetter } from './state/dead-letters.ts';
import { deadKey, dropDeadLetter, listDeadLetters } from './state/dead-letters.ts';
import { orNone } from './state/or-none.ts';

/** Which letters; all of it optional but how many. */
export interface LetterChoice {
  namespace?: string;
  script_id?: string;
  code?: string;
  key?: string;
  limit: number;
  /** Only those of keys behind it. */
  cursor?: string;
}

/** What came of running letters again. */
export interface Replayed {
  events: Record<string, unknown>[];
  /** Went well. */
  done: StoredDeadLetter[];
  failed: number;
}

const IN_FLIGHT = 64;

/** Letters of one namespace, which the caller has to have the right to. Throws FORBIDDEN, KEY_NOT_FOUND of a key that is asked for. */
export async function findLetters(
  ctx: FunctionContext,
  { namespace = 'default', script_id = '*', code, key, limit, cursor }: LetterChoice,
): Promise<{ letters: StoredDeadLetter[]; next?: string }> {
  authorizeNamespace(ctx.principal, namespace);
  const filter = deadKey(SOURCE, safeToken(namespace), script_id, '*');
  const range = { filter, limit: key === undefined ? limit : Number.MAX_SAFE_INTEGER, after: cursor };
  const found = (await orNone(listDeadLetters(await storeOf(ctx), ctx, range))) ?? { letters: [] };
  const letters = found.letters.filter(
    letter => (code === undefined || letter.code === code) && (key === undefined || letter.key === key),
  );
  if (key !== undefined && letters.length === 0)
    throw new PackError(
      'KEY_NOT_FOUND',
      `There is no dead letter ${JSON.stringify(key)} in namespace ${JSON.stringify(namespace)}.`,
    );
  return { ...found, letters };
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
  const groups = Map.groupBy(letters, ({ settings }) => JSON.stringify(settings));
  for (const group of groups.values()) {
    const settings = settingsOf(group[0]?.settings);
    const mended = script !== undefined && settings.script !== undefined ? { ...settings, script } : settings;
    const { events, done, failed } = await replay(ctx, group, mended);
    total.events.push(...events);
    total.done.push(...done);
    total.failed += failed;
  }
  return total;
}

/** Takes letters out, but for those that were written again since. */
export async function dropLetters(ctx: FunctionContext, letters: readonly StoredDeadLetter[]): Promise<void> {
  const kv = await storeOf(ctx);
  await pipelined([...letters], IN_FLIGHT, async letter => {
    await dropDeadLetter(kv, ctx, letter);
  });
}

async function replay(
  ctx: FunctionContext,
  letters: readonly StoredDeadLetter[],
  settings: TransformInput,
): Promise<Replayed> {
  const lines = toJsonLines(letters.map(({ event }) => stringifyExact(event)).join('\n'));
  const { results } = await runScripts(settings, ctx, { ...(await scriptSources(settings, ctx)), lines });
  const failed = results.flatMap(({ index, error }) => {
    // As it was kept the first time, so that its letter is replaced.
    return error ? [{ event: JSON.parse(lineAt(lines, index)) as Record<string, unknown>, error }] : [];
  });
  await keepLetters(ctx, settings, failed);
  return {
    events: results.flatMap(({ texts = [] }) =>
      texts.map(text => JSON.parse(text) as Record<string, unknown>),
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

async function storeOf(ctx: FunctionContext): Promise<KvStore> {
  return (await ctx.scripting()).state ?? ctx.kv;
}
