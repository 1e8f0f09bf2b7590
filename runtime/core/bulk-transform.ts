/** A script over any number of events, a batch at a time: constant memory whatever the size. */

import type { TransformInput, TransformOutput } from '../../contract/types.gen.ts';
import type { CallFunction } from './bulk.ts';
import { must } from './bulk.ts';
import type { Envelope } from './envelope.ts';
import { isFailure } from './envelope.ts';

/** The call of transform that each batch is. */
export type TransformTarget = Omit<TransformInput, 'event' | 'events' | 'ndjson' | 'script_id'> & {
  script: string;
};

/** What became of some lines. */
export interface TransformedChunk {
  /** Lines of JSON, one for each event that came out. */
  text: string;
  read: number;
  written: number;
  /** Line of the input and why. */
  failed: { line: number; error: { code: string; message: string; stack?: string } }[];
  logs: { line: number; level: string; message: string }[];
}

const BATCH = 500;
/** Larger events end a batch early, so that one call stays well under the limits of a request. */
const BATCH_CHARS = 4 * 1024 * 1024;

/** Batches go one after the other: events that share keys keep their order. */
export async function* transformLines(
  call: CallFunction,
  lines: AsyncIterable<string>,
  target: TransformTarget,
): AsyncGenerator<TransformedChunk> {
  let batch = startBatch();
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    batch.ndjson += `${text}\n`;
    batch.lines.push(line);
    if (batch.lines.length < BATCH && batch.ndjson.length < BATCH_CHARS) continue;
    yield await transform(call, target, batch);
    batch = startBatch();
  }
  if (batch.lines.length > 0) yield await transform(call, target, batch);
}

interface Batch {
  /** The lines as they came: nobody but the script's process parses them. */
  ndjson: string;
  lines: number[];
}

function startBatch(): Batch {
  return { ndjson: '', lines: [] };
}

async function transform(
  call: CallFunction,
  target: TransformTarget,
  batch: Batch,
): Promise<TransformedChunk> {
  const envelope = await call('transform', { ...target, ndjson: batch.ndjson });
  const { ndjson = '', results, logs } = must<TransformOutput>(envelope, placeOf(envelope, batch));
  const lineOf = (index: number) => batch.lines[index] ?? 0;
  return {
    text: ndjson,
    read: batch.lines.length,
    written: countLines(ndjson),
    failed: results.flatMap(({ index, error }) => (error ? [{ line: lineOf(index), error }] : [])),
    logs: logs.map(({ index, level, message }) => ({ line: lineOf(index), level, message })),
  };
}

/** The line of the event that failed, where one did. */
function placeOf(envelope: Envelope, { lines }: Batch): string {
  const index = isFailure(envelope) ? envelope.error.details?.index : undefined;
  const line = typeof index === 'number' ? lines[index] : undefined;
  return line === undefined ? `lines ${lines[0]} to ${lines.at(-1)}: ` : `line ${line}: `;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
