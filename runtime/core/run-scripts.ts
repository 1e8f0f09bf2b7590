/** A call's scripts over its events, for transform and what tries scripts out. */

import type { PackError } from '../../contract/errors.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { cachedFetch } from './fetch-cache.ts';
import type { JsonLines } from './json-lines.ts';
import { EVERYTHING } from './principal.ts';
import { createScriptKv } from './script-kv.ts';
import type { ScriptSources } from './script-sources.ts';
import type { ScriptKv, ScriptRunResult } from './scripts.ts';

/** What scripts run over: values, or JSON that is passed on unread. */
export type ScriptEvents = { events: readonly object[] } | { lines: JsonLines };

/** What of a call says how its scripts run. */
export type ScriptSettings = Pick<
  TransformInput,
  'variables' | 'namespace' | 'kv_bucket' | 'timeout_ms' | 'on_error' | 'script_id'
>;

const DEFAULT_EVENT_MS = 1_000;

/** Runs them. `kv` takes the place of the store of the call's namespace. Throws what refuses the caller the store. */
export async function runScripts(
  settings: ScriptSettings,
  ctx: FunctionContext,
  given: ScriptSources & ScriptEvents,
  kv?: (stored: ScriptKv) => ScriptKv,
): Promise<ScriptRunResult> {
  const { runner, fetch, fetchBudget, state = ctx.kv } = await ctx.scripting();
  const { destinationId, destinationType, ...variables } = settings.variables ?? {};
  let refused: PackError | undefined;
  const stored = await storeOf(settings, ctx, error => (refused ??= error));
  const result = await runner.run({
    ...given,
    namespace: namespaceOf(settings),
    // Without API keys all callers are one, and it is their namespaces that share.
    ...(ctx.principal !== EVERYTHING && { tenant: ctx.principal.name }),
    variables,
    ...(destinationId !== undefined && { destinationId: String(destinationId) }),
    ...(destinationType !== undefined && { destinationType: String(destinationType) }),
    timeoutMs: settings.timeout_ms ?? DEFAULT_EVENT_MS,
    stopOnError: settings.on_error === 'stop',
    deadline: ctx.deadline,
    ...(ctx.signal && { signal: ctx.signal }),
    kv: kv ? kv(stored) : stored,
    ...(fetch && { fetch: cachedFetch(fetch, { kv: state, call: ctx, namespace: namespaceOf(settings) }) }),
    ...(fetchBudget !== undefined && { fetchBudget }),
  });
  if (refused) throw refused;
  return result;
}

/** Whose keys a call reads and writes: what it says, else its destination. */
export function namespaceOf({
  namespace,
  variables,
}: Pick<ScriptSettings, 'namespace' | 'variables'>): string {
  const destination = variables?.destinationId;
  return namespace ?? (typeof destination === 'string' && destination !== '' ? destination : 'default');
}

async function storeOf(
  settings: ScriptSettings,
  ctx: FunctionContext,
  onRefused: (error: PackError) => void,
): Promise<ScriptKv> {
  const { kv, bucket } = await ctx.scripting();
  return createScriptKv(
    { ...ctx, by: { ...ctx.by, script: settings.script_id ?? 'inline' } },
    { kv, bucket: settings.kv_bucket ?? bucket, namespace: namespaceOf(settings), onRefused },
  );
}
