import { invalidField } from '../contract/errors.ts';
import type { TransformScriptCompareInput, TransformScriptCompareOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { jsonDifferences } from '../runtime/core/json-difference.ts';
import { toJsonLines } from '../runtime/core/json-lines.ts';
import type { NamedScript } from '../runtime/core/script-sources.ts';
import { scriptSources } from '../runtime/core/script-sources.ts';
import type { TestedScript } from '../runtime/core/script-tests.ts';
import { runScriptTest } from '../runtime/core/script-tests.ts';

const TIMEOUT_MS = 60_000;
const MAX_EVENTS = 1_000;

export default defineFunction<TransformScriptCompareInput, TransformScriptCompareOutput>({
  timeoutMs: TIMEOUT_MS,
  async run(input, ctx) {
    const { script_id, script } = input;
    if ((input.after === undefined) === (script === undefined))
      throw invalidField('/after', 'give after or script; exactly one of both');
    const events = eventsOf(input);
    const other = script === undefined ? { script_id, script_release: input.after ?? '' } : { script };
    const [before, after] = [
      await runSide(ctx, input, events, { script_id, script_release: input.before }),
      await runSide(ctx, input, events, other),
    ];
    const different = events.flatMap((_event, index) => differenceAt(index, before, after) ?? []);
    return {
      script_id,
      same: events.length - different.length,
      different,
      kv_differences: jsonDifferences(byKey(before), byKey(after)),
    };
  },
});

type Event = Record<string, unknown>;

function eventsOf({ events, ndjson, captured = false }: TransformScriptCompareInput): Event[] {
  if ((events === undefined) === (ndjson === undefined))
    throw invalidField('/events', 'give events or ndjson; exactly one of both');
  const field = events === undefined ? '/ndjson' : '/events';
  const given: Event[] = events ?? linesOf(ndjson ?? '');
  const taken = captured ? given.flatMap<Event>(({ value }) => objectIn(value) ?? []) : given;
  if (taken.length === 0 || taken.length > MAX_EVENTS)
    throw invalidField(field, `has ${taken.length} events; send 1 to ${MAX_EVENTS}`);
  return taken;
}

function linesOf(ndjson: string): Event[] {
  const { text, starts, ends } = toJsonLines(ndjson);
  return Array.from(starts, (start, index): Event => {
    const event = objectIn(text.slice(start, ends[index]));
    if (event) return event;
    throw invalidField('/ndjson', `event ${index} is no JSON object`);
  });
}

/** An object, or what a text of JSON holds where that is one. */
function objectIn(value: unknown): Event | undefined {
  try {
    const read: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Event) : undefined;
  } catch {
    return undefined;
  }
}

/** Each version starts with the same `$kv`, and stores nothing. */
async function runSide(
  ctx: FunctionContext,
  input: TransformScriptCompareInput,
  events: Event[],
  side: NamedScript,
): Promise<TestedScript> {
  const sources = await scriptSources(side, ctx);
  const test = { events, ...(input.kv && { kv: input.kv }) };
  return await runScriptTest(ctx, test, { sources, settings: input, storedKv: input.stored_kv ?? false });
}

type Difference = TransformScriptCompareOutput['different'][number];

function differenceAt(index: number, before: TestedScript, after: TestedScript): Difference | undefined {
  const [a, b] = [outcomeAt(index, before), outcomeAt(index, after)];
  const differences = jsonDifferences(a, b);
  return differences.length === 0 ? undefined : { index, before: a, after: b, differences };
}

/** What would be written, by key. */
function byKey({ writes }: TestedScript): Record<string, unknown> {
  return Object.fromEntries(writes.map(({ key, ...rest }) => [key, rest]));
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
