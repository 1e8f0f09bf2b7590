import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { invalidField, PackError } from '../runtime/core/errors.ts';
import type { TransformInput, TransformOutput } from '../runtime/core/generated/contract.ts';
import { authorizeBucket } from '../runtime/core/principal.ts';
import { createScriptKv, ensureScriptBucket } from '../runtime/core/script-kv.ts';
import type { ScriptEventResult, ScriptRunResult } from '../runtime/core/scripts.ts';
import { readScript, SCRIPTS_BUCKET } from '../runtime/core/stored-scripts.ts';

/** A call of many events may wait for the store often. */
const TIMEOUT_MS = 60_000;
const DEFAULT_EVENT_MS = 1_000;

export default defineFunction<TransformInput, TransformOutput>({
  timeoutMs: TIMEOUT_MS,
  /** A script reads and writes what its bucket holds. */
  buckets: ({ kv_bucket, script_id }) => [
    ...(kv_bucket === undefined ? [] : [kv_bucket]),
    ...(script_id === undefined ? [] : [SCRIPTS_BUCKET]),
  ],
  async run(input, ctx) {
    const events = eventsOf(input);
    const script = await scriptOf(input, ctx);
    const result = await runScript(input, ctx, { script, events });
    return answer(input, events, result);
  },
});

/** Either one or several. */
function eventsOf({ event, events }: TransformInput): object[] {
  if (event !== undefined && events === undefined) return [event];
  if (events !== undefined && event === undefined) return events;
  throw invalidField(
    event === undefined ? '/event' : '/events',
    'give event, for one, or events; exactly one of both',
  );
}

async function scriptOf(
  { script, script_id, script_version }: TransformInput,
  ctx: FunctionContext,
): Promise<string> {
  if (script !== undefined && script_id === undefined) return script;
  if (script_id !== undefined && script === undefined)
    return (await readScript(ctx, script_id, script_version)).script;
  throw invalidField('/script', 'give script, or script_id of a stored one; exactly one of both');
}

async function runScript(
  input: TransformInput,
  ctx: FunctionContext,
  { script, events }: { script: string; events: object[] },
): Promise<ScriptRunResult> {
  const { runner, kv, bucket: ownBucket } = await ctx.scripting();
  const { destinationId, destinationType, ...variables } = input.variables ?? {};
  const namespace = input.namespace ?? text(destinationId) ?? 'default';
  const bucket = input.kv_bucket ?? ownBucket;
  if (script.includes('$kv')) {
    authorizeBucket(ctx.principal, bucket);
    await ensureScriptBucket(ctx, kv, bucket);
  }
  return await runner.run({
    script,
    events,
    namespace,
    variables,
    ...(destinationId !== undefined && { destinationId: String(destinationId) }),
    ...(destinationType !== undefined && { destinationType: String(destinationType) }),
    timeoutMs: input.timeout_ms ?? DEFAULT_EVENT_MS,
    kv: createScriptKv(ctx, { kv, bucket, namespace }),
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function answer(
  input: TransformInput,
  events: object[],
  { results, logs }: ScriptRunResult,
): TransformOutput {
  const passing = input.on_error === 'pass';
  const out = results.flatMap(result =>
    result.outcome === 'error' && passing ? [events[result.index] as Record<string, unknown>] : result.events,
  );
  const output = { events: out, results: results.map(toResult), logs };
  const failed = results.find(({ outcome }) => outcome === 'error');
  if (failed?.error && (input.on_error ?? 'fail') === 'fail') throw failure(failed, output);
  return output;
}

function toResult({ index, outcome, events, error }: ScriptEventResult): TransformOutput['results'][number] {
  return { index, outcome, count: events.length, ...(error && { error }) };
}

/** The call fails with its first error; what became of the other events is in the details, so that nothing is lost. */
function failure({ index, error }: ScriptEventResult, output: TransformOutput): PackError {
  const stack = error?.stack ? `\n${error.stack}` : '';
  return new PackError(error?.code ?? 'SCRIPT_ERROR', `Event ${index}: ${error?.message}${stack}`, {
    details: { index, ...output },
  });
}
