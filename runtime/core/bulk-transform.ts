/** A script over any number of events, a batch at a time: constant memory whatever the size. */

import { PackError } from '../../contract/errors.ts';
import type { TransformInput, TransformOutput } from '../../contract/types.gen.ts';
import type { CallFunction } from './bulk-call.ts';
import { must } from './bulk-call.ts';
import type { Envelope } from './envelope.ts';
import { isFailure } from './envelope.ts';
import { isBlank } from './json-lines.ts';

/** The call of transform that each batch is. `on_error: fail` ends the run: nothing behind the event that failed has any effect. */
export type TransformTarget = Omit<TransformInput, 'event' | 'events' | 'ndjson' | 'script_id'> & {
  script: string;
};

/** What became of some lines. */
export interface TransformedChunk {
  /** Lines of JSON, one for each event that came out. */
  text: string;
  read: number;
  written: number;
  /** The last line that this is about; empty ones count. */
  lastLine: number;
  /** Line of the input and why. */
  failed: { line: number; error: { code: string; message: string; stack?: string } }[];
  logs: { line: number; level: string; message: string }[];
  warnings: string[];
}

/** What stands for a line that could not be read, and why that is. */
export interface UnreadableLines {
  text: string;
  why: string;
}

const LARGEST_BATCH = 500;
/** Larger events end a batch early, so that one call stays well under the limits of a request. */
const BATCH_CHARS = 4 * 1024 * 1024;
/** How long a call had better take: it ends after a minute. */
const SHORT_MS = 2_000;
const LONG_MS = 15_000;
const FIRST_BATCH_MS = 50_000;
const FIRST_BATCH = 50;
const DEFAULT_EVENT_MS = 1_000;

/**
 * Batches of a script with `$kv` go one after the other: events that share keys keep their order. Of others the next one runs
 * while one is passed on, since nothing is lost when it is not wanted any more. Throws the error of the event that ends the
 * run, after what came before it was answered. `texts`: whole lines each, none of them ended by a line break.
 */
export async function* transformLines(
  call: CallFunction,
  texts: AsyncIterable<string>,
  target: TransformTarget,
  unreadable?: UnreadableLines,
): AsyncGenerator<TransformedChunk> {
  const { timeout_ms: eventMs = DEFAULT_EVENT_MS } = target;
  let size = Math.max(1, Math.min(FIRST_BATCH, Math.floor(FIRST_BATCH_MS / eventMs)));
  let batch = startBatch();
  let line = 0;
  const width = keepsState(target) ? 1 : 2;
  const running: Promise<Ran>[] = [];
  for await (const text of texts) {
    // Lines are passed on as one piece of the text they came in.
    let from = 0;
    for (let start = 0, end = 0; start <= text.length; start = end + 1) {
      line += 1;
      end = indexOrEnd(text, start);
      if (!isBlank(text, start, end)) batch.lines.push(line);
      if (unreadable && end - start === unreadable.text.length && text.startsWith(unreadable.text, start))
        batch.unreadable.set(line, unreadable.why);
      const isFull = batch.lines.length >= size || batch.ndjson.length + end - from >= BATCH_CHARS;
      if (!isFull && end < text.length) continue;
      batch.ndjson += end < text.length ? text.slice(from, end + 1) : `${text.slice(from)}\n`;
      from = end + 1;
      if (!isFull) continue;
      if (batch.lines.length === 0) {
        // Nothing but empty lines.
        batch = startBatch();
        continue;
      }
      running.push(run(call, target, batch));
      batch = startBatch();
      if (running.length < width) continue;
      const done = await running.shift();
      if (!done) continue;
      yield* toChunks(done);
      size = nextSize(size, done.ms);
    }
  }
  if (batch.lines.length > 0) running.push(run(call, target, batch));
  for (const one of running) yield* toChunks(await one);
}

/** A batch and what was answered. */
interface Ran {
  batch: Batch;
  envelope: Envelope;
  ms: number;
}

async function run(call: CallFunction, target: TransformTarget, batch: Batch): Promise<Ran> {
  const { on_error = 'fail' } = target;
  const asked = { ...target, on_error: on_error === 'fail' ? 'stop' : on_error, ndjson: batch.ndjson };
  const start = performance.now();
  const envelope = await call('transform', asked);
  return { batch, envelope, ms: performance.now() - start };
}

/** Whether events may leave something behind: an identifier may be written with escapes, too. */
function keepsState({ script }: TransformTarget): boolean {
  return /kv|store|\bimport\b|\\u/.test(script);
}

interface Batch {
  /** The lines as they came: nobody but the script's process parses them. */
  ndjson: string;
  lines: number[];
  /** Why lines cannot be events. */
  unreadable: Map<number, string>;
}

function startBatch(): Batch {
  return { ndjson: '', lines: [], unreadable: new Map() };
}

function nextSize(size: number, ms: number): number {
  if (ms > LONG_MS) return Math.max(1, size >> 1);
  return ms < SHORT_MS ? Math.min(LARGEST_BATCH, 2 * size) : size;
}

function* toChunks({ batch, envelope }: Ran): Generator<TransformedChunk> {
  const before = doneBefore(envelope);
  if (before) yield toChunk(batch, before.output, before.index);
  yield toChunk(
    batch,
    must<TransformOutput>(readable(envelope, batch), placeOf(envelope, batch)),
    batch.lines.length,
  );
}

/** Of a call that one event has ended: what was done before it. */
function doneBefore(envelope: Envelope): { output: TransformOutput; index: number } | undefined {
  if (!isFailure(envelope)) return undefined;
  const { index, results } = (envelope.error.details ?? {}) as { index?: number; results?: unknown };
  if (typeof index !== 'number' || index === 0 || !Array.isArray(results)) return undefined;
  const output = envelope.error.details as unknown as TransformOutput;
  return {
    output: { ...output, results: output.results.filter(({ outcome }) => outcome !== 'error') },
    index,
  };
}

/** The call's own error, but for a line that could not be read. */
function readable(envelope: Envelope, batch: Batch): Envelope {
  const why = batch.unreadable.get(lineOfFailure(envelope, batch) ?? 0);
  if (why !== undefined) throw new PackError('INVALID_INPUT', `${placeOf(envelope, batch)}${why}`);
  return envelope;
}

function toChunk({ lines, unreadable }: Batch, output: TransformOutput, read: number): TransformedChunk {
  const { ndjson = '', results, logs, warnings = [] } = output;
  const lineOf = (index: number) => lines[index] ?? 0;
  const errorOf = <E extends { message: string }>(index: number, error: E): E => {
    const why = unreadable.get(lineOf(index));
    return why === undefined ? error : { ...error, message: why };
  };
  return {
    text: ndjson,
    read,
    written: results.reduce((sum, { count }) => sum + count, 0),
    lastLine: lineOf(read - 1),
    failed: results.flatMap(({ index, error }) =>
      error ? [{ line: lineOf(index), error: errorOf(index, error) }] : [],
    ),
    logs: logs.map(({ index, level, message }) => ({ line: lineOf(index), level, message })),
    warnings,
  };
}

function lineOfFailure(envelope: Envelope, { lines }: Batch): number | undefined {
  const index = isFailure(envelope) ? envelope.error.details?.index : undefined;
  return typeof index === 'number' ? lines[index] : undefined;
}

/** The line of the event that failed, where one did. */
function placeOf(envelope: Envelope, batch: Batch): string {
  const line = lineOfFailure(envelope, batch);
  if (line !== undefined) return `line ${line}: `;
  return `lines ${batch.lines[0]} to ${batch.lines.at(-1)}: `;
}

function indexOrEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}
