import { invalidField, PackError } from '../contract/errors.ts';
import { parseExact } from '../contract/exact-json.ts';
import type { TransformInput, TransformOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { JsonLines } from '../runtime/core/json-lines.ts';
import { lineAt, toJsonLines } from '../runtime/core/json-lines.ts';
import type { ScriptEvents } from '../runtime/core/run-scripts.ts';
import { runScripts } from '../runtime/core/run-scripts.ts';
import type { FailedEvent } from '../runtime/core/script-letters.ts';
import { authorizeLetters, keepLetters } from '../runtime/core/script-letters.ts';
import { scriptSources } from '../runtime/core/script-sources.ts';
import type { ScriptEventResult, ScriptRunResult } from '../runtime/core/scripts.ts';

/** A call of many events may wait for the store often. */
const TIMEOUT_MS = 60_000;
const MAX_LINES = 1_000;

export default defineFunction<TransformInput, TransformOutput>({
  timeoutMs: TIMEOUT_MS,
  async run(input, ctx) {
    if (input.on_error === 'dead') authorizeLetters(ctx);
    const given = eventsOf(input);
    const result = await runScripts(input, ctx, {
      ...(await scriptSources(input, ctx)),
      ...given,
      joined: true,
    });
    if (input.on_error === 'dead') await keepLetters(ctx, input, failedEvents(given, result));
    return answer(input, given, result);
  },
});

function eventsOf({ event, events, ndjson }: TransformInput): ScriptEvents {
  const given = [event, events, ndjson].filter(one => one !== undefined);
  if (given.length !== 1)
    throw invalidField('/events', 'give event, for one, or events, or ndjson; exactly one of them');
  if (event !== undefined) return { events: [event] };
  return events !== undefined ? { events } : { lines: linesOf(ndjson ?? '') };
}

function failedEvents(given: ScriptEvents, { results }: ScriptRunResult): FailedEvent[] {
  return results.flatMap(({ index, error }) => {
    if (!error) return [];
    const event = 'lines' in given ? eventOf(lineAt(given.lines, index)) : given.events[index];
    return [{ event: event as FailedEvent['event'], error }];
  });
}

/** What is no JSON object is kept as its text. */
function eventOf(line: string): FailedEvent['event'] {
  try {
    const value: unknown = parseExact(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as FailedEvent['event'];
  } catch {
    // No JSON at all.
  }
  return line.trim();
}

function linesOf(ndjson: string): JsonLines {
  const lines = toJsonLines(ndjson);
  const count = lines.starts.length;
  if (count > 0 && count <= MAX_LINES) return lines;
  throw invalidField('/ndjson', `has ${count} events; send 1 to ${MAX_LINES}`);
}

function answer(
  input: TransformInput,
  given: ScriptEvents,
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
function upTo(failed: ScriptEventResult, given: ScriptEvents, result: ScriptRunResult): TransformOutput {
  const results = result.results.slice(0, failed.index + 1);
  const logs = result.logs.filter(({ index }) => index <= failed.index);
  const out = 'lines' in given ? texts(given.lines, results, false) : values(given.events, results, false);
  return { ...out, results: results.map(toResult), logs };
}

function values(events: readonly object[], results: ScriptEventResult[], passing: boolean) {
  return {
    events: results.flatMap(result =>
      result.outcome === 'error' && passing
        ? [events[result.index] as Record<string, unknown>]
        : result.events,
    ),
  };
}

function texts(lines: JsonLines, results: ScriptEventResult[], passing: boolean) {
  const parts: string[] = [];
  for (const result of results) {
    const { index, outcome, texts: made = [], error } = result;
    if (result.joined) parts.push(takeJoined(result));
    // What is no JSON object stays behind: lines of JSON are promised.
    const line = passing && outcome === 'error' ? lineAt(lines, index).trim() : undefined;
    const passed =
      line !== undefined && (error?.code !== 'INVALID_INPUT' || typeof eventOf(line) !== 'string');
    for (const text of passed ? [line] : made) parts.push(text, '\n');
  }
  // In one piece: V8 takes twice as long to write a text as JSON that it keeps in parts.
  return { events: [], ndjson: parts.join('') };
}

/**
 * The lines of a block, which its result holds no longer: V8 makes objects of which there are many where it collects late, and what
 * they hold stays with them, be it 100 KB.
 */
function takeJoined(result: ScriptEventResult): string {
  const { joined = '' } = result;
  result.joined = '';
  return joined;
}

function toResult({
  index,
  outcome,
  events,
  texts,
  count = (texts ?? events).length,
  error,
}: ScriptEventResult): TransformOutput['results'][number] {
  return error ? { index, outcome, count, error } : { index, outcome, count };
}

/** The call fails with its first error; what became of the other events is in the details, so that nothing is lost. */
function failure({ index, error }: ScriptEventResult, output: TransformOutput): PackError {
  const stack = error?.stack ? `\n${error.stack}` : '';
  return new PackError(error?.code ?? 'SCRIPT_ERROR', `Event ${index}: ${error?.message}${stack}`, {
    details: {
      index,
      ...(error?.retry_after_ms !== undefined && { retry_after_ms: error.retry_after_ms }),
      ...output,
    },
  });
}
