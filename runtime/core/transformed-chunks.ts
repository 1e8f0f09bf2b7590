/** What is told of lines that a script ran over. */

import { PackError } from '../../contract/errors.ts';
import type { TransformOutput } from '../../contract/types.gen.ts';
import { must } from './bulk-call.ts';
import type { Envelope } from './envelope.ts';
import { isFailure } from './envelope.ts';
import type { MadeLines } from './scripts.ts';

/** What became of some lines. */
export interface TransformedChunk {
  /** Lines of JSON, one for each event that came out; in UTF-8 where they were run as bytes. */
  text: string | Uint8Array;
  /** To be called once the text was passed on: its memory is for others then. */
  release?: (() => void) | undefined;
  read: number;
  written: number;
  /** The last line that this is about; empty ones count. */
  lastLine: number;
  /** Line of the input and why. */
  failed: { line: number; error: { code: string; message: string; stack?: string } }[];
  logs: { line: number; level: string; message: string }[];
  warnings: string[];
}

/** Lines that one call ran. */
export interface Batch {
  /** The lines as they came: nobody but the script's process parses them. */
  ndjson: string;
  lines: number[];
  /** Why lines cannot be events. */
  unreadable: Map<number, string>;
}

/** A batch and what was answered. */
export interface Ran {
  batch: Batch;
  envelope: Envelope;
  ms: number;
}

/** Lines of which there is nothing to tell, and what they became. */
export interface Passed {
  read: number;
  lastLine: number;
  made: MadeLines;
}

/** Throws the error of the call, or of the event that ended it, after what was done before. */
export function* toChunks(done: Ran | Passed): Generator<TransformedChunk> {
  if ('made' in done) yield passedChunk(done);
  else yield* ranChunks(done);
}

function passedChunk({ read, lastLine, made }: Passed): TransformedChunk {
  const { text, count: written, release } = made;
  return { text, release, read, written, lastLine, failed: [], logs: [], warnings: [] };
}

function* ranChunks({ batch, envelope }: Ran): Generator<TransformedChunk> {
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

/** The call's own error, but for a line that could not be read; of the event that failed the line is told, not its place in the batch. */
function readable(envelope: Envelope, batch: Batch): Envelope {
  const why = batch.unreadable.get(lineOfFailure(envelope, batch) ?? 0);
  if (why !== undefined) throw new PackError('INVALID_INPUT', `${placeOf(envelope, batch)}${why}`);
  if (!isFailure(envelope) || lineOfFailure(envelope, batch) === undefined) return envelope;
  const message = envelope.error.message.replace(/^Event \d+: /, '');
  return { ...envelope, error: { ...envelope.error, message } };
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
