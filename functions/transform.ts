import { invalidField, PackError } from '../contract/errors.ts';
import type { TransformInput, TransformOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { JsonLines } from '../runtime/core/json-lines.ts';
import { lineAt, toJsonLines } from '../runtime/core/json-lines.ts';
import { EVERYTHING } from '../runtime/core/principal.ts';
import { createScriptKv } from '../runtime/core/script-kv.ts';
import type { ScriptSources } from '../runtime/core/script-sources.ts';
import { scriptSources } from '../runtime/core/script-sources.ts';
import type { ScriptEventResult, ScriptRunResult } from '../runtime/core/scripts.ts';

/** A call of many events may wait for the store often. */
const TIMEOUT_MS = 60_000;
const DEFAULT_EVENT_MS = 1_000;
const MOST_LINES = 1_000;

export default defineFunction<TransformInput, TransformOutput>({
  timeoutMs: TIMEOUT_MS,
  async run(input, ctx) {
    const given = eventsOf(input);
    const result = await runScript(input, ctx, { ...(await scriptSources(input, ctx)), ...given });
    return answer(input, given, result);
  },
});

/** What the script runs over: values, or JSON that is passed on unread. */
type Given = { events: object[] } | { lines: JsonLines };

function eventsOf({ event, events, ndjson }: TransformInput): Given {
  const given = [event, events, ndjson].filter(one => one !== undefined);
  if (given.length !== 1)
    throw invalidField('/events', 'give event, for one, or events, or ndjson; exactly one of them');
  if (event !== undefined) return { events: [event] };
  return events !== undefined ? { events } : { lines: linesOf(ndjson ?? '') };
}

function linesOf(ndjson: string): JsonLines {
  const lines = toJsonLines(ndjson);
  const count = lines.starts.length;
  if (count > 0 && count <= MOST_LINES) return lines;
  throw invalidField('/ndjson', `has ${count} events; send 1 to ${MOST_LINES}`);
}

async function runScript(
  input: TransformInput,
  ctx: FunctionContext,
  given: ScriptSources & Given,
): Promise<ScriptRunResult> {
  const { runner, kv, bucket: ownBucket } = await ctx.scripting();
  const { destinationId, destinationType, ...variables } = input.variables ?? {};
  const namespace = input.namespace ?? text(destinationId) ?? 'default';
  const bucket = input.kv_bucket ?? ownBucket;
  let refused: PackError | undefined;
  const result = await runner.run({
    ...given,
    namespace,
    // Without API keys all callers are one, and it is their namespaces that share.
    ...(ctx.principal !== EVERYTHING && { tenant: ctx.principal.name }),
    variables,
    ...(destinationId !== undefined && { destinationId: String(destinationId) }),
    ...(destinationType !== undefined && { destinationType: String(destinationType) }),
    timeoutMs: input.timeout_ms ?? DEFAULT_EVENT_MS,
    stopOnError: input.on_error === 'stop',
    deadline: ctx.deadline,
    ...(ctx.signal && { signal: ctx.signal }),
    kv: createScriptKv(
      { ...ctx, by: { ...ctx.by, script: input.script_id ?? 'inline' } },
      { kv, bucket, namespace, onRefused: error => (refused ??= error) },
    ),
  });
  if (refused) throw refused;
  return result;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function answer(
  input: TransformInput,
  given: Given,
  { results, logs, warnings }: ScriptRunResult,
): TransformOutput {
  const passing = input.on_error === 'pass';
  const failed = results.find(({ outcome }) => outcome === 'error');
  if (failed && input.on_error === 'stop')
    throw failure(failed, upTo(failed, given, { results, logs, warnings }));
  const out =
    'lines' in given ? texts(given.lines, results, passing) : values(given.events, results, passing);
  const output = { ...out, results: results.map(toResult), logs, ...(warnings.length > 0 && { warnings }) };
  if (failed?.error && (input.on_error ?? 'fail') === 'fail') throw failure(failed, output);
  return output;
}

/** What was done before the event that ended the call, and that event's own result. */
function upTo(failed: ScriptEventResult, given: Given, result: ScriptRunResult): TransformOutput {
  const results = result.results.slice(0, failed.index + 1);
  const logs = result.logs.filter(({ index }) => index <= failed.index);
  const out = 'lines' in given ? texts(given.lines, results, false) : values(given.events, results, false);
  return { ...out, results: results.map(toResult), logs };
}

function values(events: object[], results: ScriptEventResult[], passing: boolean) {
  return {
    events: results.flatMap(result =>
      result.outcome === 'error' && passing
        ? [events[result.index] as Record<string, unknown>]
        : result.events,
    ),
  };
}

function texts(lines: JsonLines, results: ScriptEventResult[], passing: boolean) {
  let ndjson = '';
  for (const { index, outcome, texts: made = [], error } of results) {
    // What is no JSON object stays behind: lines of JSON are promised.
    const passed = passing && outcome === 'error' && error?.code !== 'INVALID_INPUT';
    for (const text of passed ? [lineAt(lines, index).trim()] : made) ndjson += `${text}\n`;
  }
  return { events: [], ndjson };
}

function toResult({
  index,
  outcome,
  events,
  texts,
  error,
}: ScriptEventResult): TransformOutput['results'][number] {
  return { index, outcome, count: (texts ?? events).length, ...(error && { error }) };
}

/** The call fails with its first error; what became of the other events is in the details, so that nothing is lost. */
function failure({ index, error }: ScriptEventResult, output: TransformOutput): PackError {
  const stack = error?.stack ? `\n${error.stack}` : '';
  return new PackError(error?.code ?? 'SCRIPT_ERROR', `Event ${index}: ${error?.message}${stack}`, {
    details: { index, ...output },
  });
}
