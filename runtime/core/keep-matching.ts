import type { ErrorCode } from '../../contract/errors.ts';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { FunctionContext } from './define-function.ts';
import { createDryScriptKv } from './dry-script-kv.ts';
import { isTooDeep } from './json-depth.ts';
import type { KeyMatcher } from './match-keys.ts';
import type { KvEntry } from './ports.ts';
import { authorizeFunction } from './principal.ts';
import type { ScriptFault } from './scripts.ts';

/** Of an item for an expression, in milliseconds. */
const ITEM_MS = 100;
/** Bytes of values that are judged in one run. */
const TOGETHER = 4 * 1024 * 1024;
const MOST = 1_000;
/** A larger value is not given to the expression, as one that is nested too deeply: `$.value` is undefined. */
const LARGEST = 256 * 1024;
const utf8 = new TextDecoder();

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
): Promise<KvEntry[]> {
  if (!matcher) return entries;
  const fitting = entries.filter(entry => matcher.matches(entry, now));
  const { expression } = matcher;
  if (expression === undefined) return fitting;
  const kept: KvEntry[] = [];
  for (const some of portionsOf(fitting)) kept.push(...(await judge(ctx, expression, some)));
  return kept;
}

/** What scripts answer of an item. */
type Verdict = { i?: number; error?: string };

async function judge(
  ctx: FunctionContext,
  expression: string,
  items: readonly KvEntry[],
): Promise<KvEntry[]> {
  // Whoever may not run scripts may not run them by a search either.
  authorizeFunction(ctx.principal, { name: 'transform-test', readOnly: true });
  const { runner } = await ctx.scripting();
  const script = `try { return ($ => (${expression}\n))($.item) ? { i: $.i } : null } catch (error) { return { error: String(error) } }`;
  const { results } = await runner.run({
    script,
    events: items.map((entry, i) => ({ i, item: itemOf(entry) })),
    namespace: 'search',
    // The loops of one who searches are nobody else's.
    apart: ctx.principal.name,
    tenant: ctx.principal.name,
    timeoutMs: ITEM_MS,
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
  return verdicts.flatMap(({ i }) => items[i ?? -1] ?? []);
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
    ...(value.length <= LARGEST && { value: parsed(value) }),
  };
}

/** JSON where it is some, else the text; undefined for what is nested too deeply to be handed on. */
function parsed(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(text) ? undefined : value;
  } catch {
    return text;
  }
}

function* portionsOf(entries: readonly KvEntry[]): Generator<KvEntry[]> {
  let some: KvEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const handed = entry.value.length <= LARGEST ? entry.value.length : 0;
    if (some.length === MOST || (some.length > 0 && bytes + handed > TOGETHER)) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(entry);
    bytes += handed;
  }
  if (some.length > 0) yield some;
}
