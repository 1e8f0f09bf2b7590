/** A script over any number of events, a batch at a time: constant memory whatever the size. */
import type { CallFunction } from './bulk.ts';
import { must, parseLine } from './bulk.ts';
import type { TransformInput, TransformOutput } from './generated/contract.ts';

/** The call of transform that each batch is. */
export type TransformTarget = Omit<TransformInput, 'event' | 'events' | 'script_id'> & { script: string };

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
const BATCH_BYTES = 4 * 1024 * 1024;

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
    batch.events.push(parseLine(text, line));
    batch.lines.push(line);
    batch.bytes += text.length;
    if (batch.events.length < BATCH && batch.bytes < BATCH_BYTES) continue;
    yield await transform(call, target, batch);
    batch = startBatch();
  }
  if (batch.events.length > 0) yield await transform(call, target, batch);
}

interface Batch {
  events: Record<string, unknown>[];
  lines: number[];
  bytes: number;
}

function startBatch(): Batch {
  return { events: [], lines: [], bytes: 0 };
}

async function transform(
  call: CallFunction,
  target: TransformTarget,
  batch: Batch,
): Promise<TransformedChunk> {
  const place = `lines ${batch.lines[0]} to ${batch.lines.at(-1)}: `;
  const { events, results, logs } = must<TransformOutput>(
    await call('transform', { ...target, events: batch.events }),
    place,
  );
  const lineOf = (index: number) => batch.lines[index] ?? 0;
  return {
    text: events.map(event => `${JSON.stringify(event)}\n`).join(''),
    read: batch.events.length,
    written: events.length,
    failed: results.flatMap(({ index, error }) => (error ? [{ line: lineOf(index), error }] : [])),
    logs: logs.map(({ index, level, message }) => ({ line: lineOf(index), level, message })),
  };
}
