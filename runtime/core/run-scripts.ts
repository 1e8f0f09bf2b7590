/** A call's scripts over its events, for transform and what tries scripts out. */

import type { PackError } from '../../contract/errors.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { cachedFetch } from './fetch-cache.ts';
import type { JsonLines } from './json-lines.ts';
import type { Mask } from './mask.ts';
import { createMask } from './mask.ts';
import { EVERYTHING } from './principal.ts';
import { createScriptKv } from './script-kv.ts';
import { readSecrets } from './script-secrets.ts';
import type { ScriptSources } from './script-sources.ts';
import { aboutScript } from './script-text.ts';
import type { ScriptFault, ScriptKv, ScriptLines, ScriptRunResult } from './scripts.ts';
import { boundToTrace, traced } from './trace.ts';

/** What scripts run over: values, or JSON that is passed on unread. */
export type ScriptEvents = { events: readonly object[] } | { lines: JsonLines; joined?: boolean };

/** What of a call says how its scripts run. */
export type ScriptSettings = Pick<
  TransformInput,
  'variables' | 'namespace' | 'kv_bucket' | 'timeout_ms' | 'on_error' | 'script_id' | 'scripts'
>;

/** What came of a call, its secrets masked; `mask` for what else is told of it. */
export interface ScriptsResult extends ScriptRunResult {
  mask: Mask | undefined;
}

const DEFAULT_EVENT_MS = 1_000;

/** Runs them. `kv` takes the place of the store of the call's namespace. Throws what refuses the caller the store. */
export async function runScripts(
  settings: ScriptSettings,
  ctx: FunctionContext,
  given: ScriptSources & ScriptEvents,
  kv?: (stored: ScriptKv) => ScriptKv,
): Promise<ScriptsResult> {
  const { runner, fetch, fetchBudget, state = ctx.kv } = await ctx.scripting();
  let refused: PackError | undefined;
  const stored = await storeOf(settings, ctx, error => (refused ??= error));
  const secrets = await secretsFor(settings, ctx, given);
  const about = () => ({ name: 'run scripts', attributes: { 'kvflow.namespace': namespaceOf(settings) } });
  const result = await traced(about, () =>
    runner.run({
      ...given,
      secrets,
      // What has to be masked is looked at event by event.
      ...(Object.keys(secrets).length > 0 && { joined: false }),
      ...globalsOf(settings),
      // Without API keys all callers are one, and it is their namespaces that share.
      ...(ctx.principal !== EVERYTHING && { tenant: ctx.principal.name }),
      stopOnError: settings.on_error === 'stop',
      deadline: ctx.deadline,
      ...(ctx.signal && { signal: ctx.signal }),
      kv: boundToTrace(kv ? kv(stored) : stored),
      ...(fetch && { fetch: cachedFetch(fetch, { kv: state, call: ctx, namespace: namespaceOf(settings) }) }),
      ...(fetchBudget !== undefined && { fetchBudget }),
    }),
  );
  if (refused) throw refused;
  return Object.keys(secrets).length === 0 ? { ...result, mask: undefined } : masked(result, maskOf(secrets));
}

/** What lines run with that are a script's and nothing else; undefined where its text says that it needs more. */
export function scriptLinesOf(settings: ScriptSettings & { script: string }): ScriptLines | undefined {
  const { secrets, batch, libraries } = aboutScript(settings.script);
  if (secrets || batch || libraries.length > 0) return undefined;
  return { script: settings.script, ...globalsOf(settings) };
}

function globalsOf(settings: ScriptSettings) {
  const { destinationId, destinationType, ...variables } = settings.variables ?? {};
  return {
    namespace: namespaceOf(settings),
    variables,
    ...(destinationId !== undefined && { destinationId: String(destinationId) }),
    ...(destinationType !== undefined && { destinationType: String(destinationType) }),
    timeoutMs: settings.timeout_ms ?? DEFAULT_EVENT_MS,
  };
}

/** Whose keys a call reads and writes: what it says, else its destination. */
export function namespaceOf({
  namespace,
  variables,
}: Pick<ScriptSettings, 'namespace' | 'variables'>): string {
  const destination = variables?.destinationId;
  return namespace ?? (typeof destination === 'string' && destination !== '' ? destination : 'default');
}

async function secretsFor(
  settings: ScriptSettings,
  ctx: FunctionContext,
  { scripts, libraries }: ScriptSources,
): Promise<Record<string, string>> {
  if (![...scripts, ...Object.values(libraries)].some(text => aboutScript(text).secrets)) return {};
  const named = [settings.script_id, ...(settings.scripts ?? []).map(one => one.script_id)];
  return await readSecrets(
    ctx,
    namespaceOf(settings),
    named.filter(id => id !== undefined),
  );
}

const masks = new WeakMap<Readonly<Record<string, string>>, Mask>();

/** The same for the same secrets: what was read of them is remembered while their bucket is as it is. */
function maskOf(secrets: Readonly<Record<string, string>>): Mask {
  const mask = masks.get(secrets) ?? createMask(Object.values(secrets));
  masks.set(secrets, mask);
  return mask;
}

function masked(result: ScriptRunResult, mask: Mask): ScriptsResult {
  return {
    results: result.results.map(one => ({
      ...one,
      events: mask.value(one.events),
      ...(one.texts && { texts: one.texts.map(mask.json) }),
      ...(one.error && { error: maskedFault(one.error, mask) }),
    })),
    logs: result.logs.map(log => ({ ...log, message: mask.text(log.message) })),
    warnings: result.warnings.map(mask.text),
    mask,
  };
}

function maskedFault({ message, stack, ...fault }: ScriptFault, mask: Mask): ScriptFault {
  return { ...fault, message: mask.text(message), ...(stack !== undefined && { stack: mask.text(stack) }) };
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
