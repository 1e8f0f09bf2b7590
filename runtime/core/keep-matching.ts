import type { ErrorCode } from '../../contract/errors.ts';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { FunctionContext } from './define-function.ts';
import { createDryScriptKv } from './dry-script-kv.ts';
import { isTooDeep } from './json-depth.ts';
import type { KeyMatcher } from './match-keys.ts';
import type { KvEntry } from './ports/items.ts';
import { authorizeFunction } from './principal.ts';
import type { ScriptFault } from './scripts.ts';

/**
 * Of an item for an expression, in milliseconds; more for a large value, of which JSON is made there. It only ends a loop, which waits
 * for nobody else: a machine that is busy for a moment is no fault of the expression.
 */
const ITEM_MS = 1_000;
const LARGE_MS = 2_000;
/** Bytes of values that are judged in one run. */
const TOGETHER = 4 * 1024 * 1024;
const MOST = 1_000;
/** A larger value is judged alone, so that what it costs is nobody else's. */
const LARGE = 256 * 1024;
/** The largest value that a NATS server takes unless it is told otherwise; a larger one is not given to the expression. */
const LARGEST = 1024 * 1024;
const utf8 = new TextDecoder();

/** What a search finds among items. */
export interface Matching {
  found: KvEntry[];
  /** Those of which it is not known: the expression asks for a value that is too large, or nested too deeply, to be given to it. */
  unjudged: KvEntry[];
}

/**
 * The items that a search finds among those of a page, in their order; all of them without a search. An expression behind `js:`
 * is run in the sandbox, without `$kv` and without fetch, over what fits the rest of the search. An item that it throws for, as
 * `$.value.a.b` does of a value without `a`, does not fit.
 * @throws PackError FORBIDDEN for a caller who may not call transform-test; RATE_LIMITED while the caller's loops keep it from being run; INVALID_INPUT at `/query` where the expression cannot be run, or names what there is not
 */
export async function keepMatching(
  ctx: FunctionContext,
  matcher: KeyMatcher | undefined,
  { entries, now }: { entries: KvEntry[]; now: number },
): Promise<Matching> {
  if (!matcher) return { found: entries, unjudged: [] };
  const fitting = entries.filter(entry => matcher.matches(entry, now));
  const { expression } = matcher;
  if (expression === undefined) return { found: fitting, unjudged: [] };
  const all: Matching = { found: [], unjudged: [] };
  for (const some of portionsOf(fitting)) {
    const { found, unjudged } = await judge(ctx, expression, some);
    all.found.push(...found);
    all.unjudged.push(...unjudged);
  }
  return all;
}

/** Why an item of {@link Matching.unjudged} is left alone. */
export function notJudged({ key }: KvEntry): PackError {
  return new PackError(
    'VALUE_TOO_LARGE',
    `The value of key "${key}" is larger than 1 MiB, or nested too deeply, for an expression behind js: to look at. Leave it out, as by size<1m in front of js:, or choose it without js:.`,
    { details: { key } },
  );
}

/** What scripts answer of an item. */
type Verdict = { i?: number; error?: string; unjudged?: number };

/**
 * The value is made where the expression asks for it, as JSON.parse makes it: a number that is too large is Infinity. What the script
 * has for itself stands in a block, where the expression does not see it, and is not assigned to, which would make a name of the script.
 */
function scriptOf(expression: string): string {
  return `const __fits = $ => (${expression}
);
{
  const { i, item, text, isMissing } = $;
  const own = { isRead: false };
  Object.defineProperty(item, 'value', { enumerable: true, configurable: true, get() {
    if (!own.isRead && !isMissing) try { own.value = JSON.parse(text) } catch { own.value = text }
    own.isRead = true;
    return own.value;
  } });
  try { own.fits = __fits(item) } catch (thrown) { own.error = String(thrown) }
  if (isMissing && own.isRead) return { unjudged: i };
  return own.error !== undefined ? { error: own.error } : own.fits ? { i } : null;
}`;
}

async function judge(ctx: FunctionContext, expression: string, items: readonly KvEntry[]): Promise<Matching> {
  // Whoever may not run scripts may not run them by a search either.
  authorizeFunction(ctx.principal, { name: 'transform-test', readOnly: true });
  const { runner } = await ctx.scripting();
  const { results } = await runner.run({
    script: scriptOf(expression),
    events: items.map((entry, i) => ({ i, item: itemOf(entry), ...textOf(entry) })),
    namespace: 'search',
    // The loops of one who searches are nobody else's.
    apart: ctx.principal.name,
    tenant: ctx.principal.name,
    timeoutMs: items.some(isLarge) ? LARGE_MS : ITEM_MS,
    stopOnError: true,
    deadline: ctx.deadline,
    ...(ctx.signal && { signal: ctx.signal }),
    kv: createDryScriptKv({}),
  });
  const fault = results.find(({ error }) => error !== undefined)?.error;
  if (fault && MAY_GO_LATER.has(fault.code)) throw later(fault);
  if (fault) throw invalidField('/query', `what is behind js: cannot be run: ${fault.message}`);
  const verdicts = results.flatMap(({ events }) => events as Verdict[]);
  const unknown = verdicts.find(({ error }) => error?.startsWith('ReferenceError'))?.error;
  if (unknown) throw invalidField('/query', `what is behind js: cannot be run: ${unknown}`);
  return {
    found: verdicts.flatMap(({ i }) => items[i ?? -1] ?? []),
    unjudged: verdicts.flatMap(({ unjudged }) => items[unjudged ?? -1] ?? []),
  };
}

/** Nothing is wrong with the expression. */
const MAY_GO_LATER: ReadonlySet<ErrorCode> = new Set([
  'TIMEOUT',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'PAYLOAD_TOO_LARGE',
]);

function later({ code, message, retry_after_ms }: ScriptFault): PackError {
  return new PackError(code, message, {
    ...(retry_after_ms !== undefined && { details: { retry_after_ms } }),
  });
}

function itemOf({ key, revision, createdAt, expiresAt, value, metadata, contentType }: KvEntry) {
  return {
    key,
    revision,
    size: value.length,
    created_at: createdAt,
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(contentType !== undefined && { content_type: contentType }),
    ...(metadata && { metadata }),
  };
}

/** Its text, of which the script makes JSON where it is some; not of what is too large, or as JSON nested too deeply to be made there. */
function textOf({ value }: KvEntry): { text: string } | { isMissing: true } {
  if (value.length > LARGEST) return { isMissing: true };
  const text = utf8.decode(value);
  return isTooDeep(text) && isJson(text) ? { isMissing: true } : { text };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isLarge({ value }: KvEntry): boolean {
  return value.length > LARGE && value.length <= LARGEST;
}

function* portionsOf(entries: readonly KvEntry[]): Generator<KvEntry[]> {
  let some: KvEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const handed = entry.value.length <= LARGEST ? entry.value.length : 0;
    const isFull =
      some.length === MOST || bytes + handed > TOGETHER || [entry, ...some.slice(0, 1)].some(isLarge);
    if (some.length > 0 && isFull) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(entry);
    bytes += handed;
  }
  if (some.length > 0) yield some;
}
