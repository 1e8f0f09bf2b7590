import { invalidField } from '../contract/errors.ts';
import type { TransformScriptCompareInput, TransformScriptCompareOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { jsonDifferences } from '../runtime/core/json-difference.ts';
import { toJsonLines } from '../runtime/core/json-lines.ts';
import { scriptSources } from '../runtime/core/script-sources.ts';
import type { TestedScript } from '../runtime/core/script-tests.ts';
import { runScriptTest } from '../runtime/core/script-tests.ts';

const TIMEOUT_MS = 60_000;
const MAX_EVENTS = 1_000;

export default defineFunction<TransformScriptCompareInput, TransformScriptCompareOutput>({
  timeoutMs: TIMEOUT_MS,
  async run(input, ctx) {
    const events = eventsOf(input);
    const [before, after] = [
      await runRelease(ctx, input, events, input.before),
      await runRelease(ctx, input, events, input.after),
    ];
    const different = events.flatMap((_event, index) => differenceAt(index, before, after) ?? []);
    return {
      script_id: input.script_id,
      same: events.length - different.length,
      different,
      kv_differences: jsonDifferences(before.writes, after.writes),
    };
  },
});

function eventsOf({ events, ndjson }: TransformScriptCompareInput): Record<string, unknown>[] {
  if ((events === undefined) === (ndjson === undefined))
    throw invalidField('/events', 'give events or ndjson; exactly one of both');
  if (events !== undefined) return events;
  const { text, starts, ends } = toJsonLines(ndjson ?? '');
  if (starts.length === 0 || starts.length > MAX_EVENTS)
    throw invalidField('/ndjson', `has ${starts.length} events; send 1 to ${MAX_EVENTS}`);
  return starts.map((start, index) => parsed(text.slice(start, ends[index]), index));
}

function parsed(line: string, index: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw invalidField('/ndjson', `event ${index} is no JSON object`);
}

/** Each version starts with the same `$kv`, and stores nothing. */
async function runRelease(
  ctx: FunctionContext,
  input: TransformScriptCompareInput,
  events: Record<string, unknown>[],
  release: string,
): Promise<TestedScript> {
  const sources = await scriptSources({ script_id: input.script_id, script_release: release }, ctx);
  const test = { events, ...(input.kv && { kv: input.kv }) };
  return await runScriptTest(ctx, test, { sources, settings: input, storedKv: input.stored_kv ?? false });
}

type Difference = TransformScriptCompareOutput['different'][number];

function differenceAt(index: number, before: TestedScript, after: TestedScript): Difference | undefined {
  const [a, b] = [outcomeAt(index, before), outcomeAt(index, after)];
  const differences = jsonDifferences(a, b);
  return differences.length === 0 ? undefined : { index, before: a, after: b, differences };
}

/** The events that one became, or why it failed. */
function outcomeAt(index: number, { events, results }: TestedScript): Difference['before'] {
  const from = results.slice(0, index).reduce((sum, { count }) => sum + count, 0);
  const { count = 0, error } = results[index] ?? {};
  return {
    events: events.slice(from, from + count),
    ...(error && { error: `${error.code}: ${error.message}` }),
  };
}
