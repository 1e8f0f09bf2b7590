/** A script over any number of events, a batch at a time: constant memory whatever the size. */

import type { TransformInput } from '../../contract/types.gen.ts';
import type { CallFunction } from './bulk-call.ts';
import { isBlank } from './json-lines.ts';
import { splitRawLines } from './raw-lines.ts';
import type { LineRun, RawLines } from './scripts.ts';
import type { Batch, Passed, Ran, TransformedChunk } from './transformed-chunks.ts';
import { toChunks } from './transformed-chunks.ts';

/** The call of transform that each batch is. `on_error: fail` ends the run: nothing behind the event that failed has any effect. */
export type TransformTarget = Omit<TransformInput, 'event' | 'events' | 'ndjson' | 'script_id'> & {
  script: string;
};

/** What stands for a line that could not be read, and why that is. */
export interface UnreadableLines {
  text: string;
  why: string;
}

/** How else than by calls lines may run. */
export interface BulkOptions {
  /** What stands for a line that could not be read. */
  unreadable?: UnreadableLines;
  /** The text of lines that come as bytes. Default: as UTF-8. */
  decode?: (lines: Uint8Array) => string;
  /** Told once nobody reads the bytes of a piece any more. */
  onDone?: (piece: Uint8Array) => void;
  /** Runs lines of which nothing is to be told; all others are run by calls, as the first ones are, which also say what is wrong with the target. */
  lineRun?: LineRun | undefined;
  /** Nothing is wrong with the target but what the line run finds: it runs the first lines, too. */
  isChecked?: boolean;
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
/** Of a line run: lines that are run together, and so many times that unless it says otherwise. */
const LINES_AT_ONCE = 200;
const LINE_RUNS = 8;
const NO_BYTES = new Uint8Array();

/**
 * Batches of a script with `$kv` go one after the other: events that share keys keep their order. Of others the next one runs
 * while one is passed on, since nothing is lost when it is not wanted any more. Throws the error of the event that ends the
 * run, after what came before it was answered. `pieces`: whole lines each, none of them ended by a line break. Bytes are what a
 * line run takes at once, unless they have too many lines; text is run by calls.
 */
export async function* transformLines(
  call: CallFunction,
  pieces: AsyncIterable<string | Uint8Array>,
  target: TransformTarget,
  { unreadable, lineRun, isChecked = false, decode = decodeUtf8, onDone }: BulkOptions = {},
): AsyncGenerator<TransformedChunk> {
  const { timeout_ms: eventMs = DEFAULT_EVENT_MS } = target;
  let size = Math.max(1, Math.min(FIRST_BATCH, Math.floor(FIRST_BATCH_MS / eventMs)));
  let batch = startBatch();
  let line = 0;
  /** A call has the target, and says what is wrong with it. */
  let isAsked = false;
  const isQuick = (): boolean => (isChecked || isAsked) && lineRun?.isOpen() === true;
  const width = keepsState(target) ? 1 : 2;
  const running: Task[] = [];
  let underWay = 0;
  for await (const piece of pieces) {
    const quick = typeof piece !== 'string' && isQuick() ? lineRun : undefined;
    for (const task of typeof piece !== 'string' && quick ? passes(quick, piece) : batches(piece)) {
      begin(task);
      while (running.length >= (quick ? (quick.width ?? LINE_RUNS) : width) || underWay > BATCH_CHARS) {
        const done = await next();
        if (!done) break;
        yield* toChunks(done);
        if ('ms' in done) size = nextSize(size, done.ms);
      }
    }
    if (typeof piece !== 'string' && !quick) onDone?.(piece);
  }
  for (const task of rest()) begin(task);
  for (let done = await next(); done; done = await next()) yield* toChunks(done);

  /** What is full of a piece; the rest of it waits for the next one. */
  function* batches(piece: string | Uint8Array): Generator<Task> {
    const text = typeof piece === 'string' ? piece : decode(piece);
    // Lines are passed on as one piece of the text they came in.
    let from = 0;
    for (let start = 0, end = 0; start <= text.length; start = end + 1) {
      end = addLine(batch, { text, start, line: ++line });
      const isLast = end === text.length;
      const isFull = batch.lines.length >= size || batch.ndjson.length + end - from >= BATCH_CHARS;
      if (!isFull && !isLast) continue;
      batch.ndjson += isLast ? text.slice(from) : text.slice(from, end + 1);
      if (isLast && !isFull) batch.ndjson += '\n';
      from = end + 1;
      if (isFull) yield* rest();
    }
  }

  /** What was gathered, unless that is nothing but empty lines. */
  function* rest(): Generator<Task> {
    const full = batch;
    batch = startBatch();
    if (full.lines.length === 0) return;
    isAsked = true;
    yield { done: run(call, target, full), chars: full.ndjson.length };
  }

  function* passes(quick: LineRun, piece: Uint8Array): Generator<Task> {
    yield* rest();
    for (const lines of splitRawLines(piece, LINES_AT_ONCE)) {
      const before = line;
      line += lines.count;
      const isLast = endOf(lines.bytes) === endOf(piece);
      yield {
        done: pass(quick, lines, before),
        chars: lines.bytes.length,
        piece: isLast ? piece : undefined,
      };
    }
  }

  /** By a line run, or else by a call, which says of each line what became of it. */
  async function pass(quick: LineRun, lines: RawLines, before: number): Promise<Ran | Passed> {
    const lastLine = before + lines.count;
    const made = await quick.run(lines).catch(() => undefined);
    if (made) return { read: lines.count, lastLine, made };
    const one = batchOf(decode(lines.bytes), before);
    if (one.lines.length > 0) return await run(call, target, one);
    return { read: 0, lastLine, made: { text: NO_BYTES, count: 0 } };
  }

  function batchOf(text: string, before: number): Batch {
    const all = { ...startBatch(), ndjson: text };
    let number = before;
    for (let start = 0; start <= text.length; ) start = 1 + addLine(all, { text, start, line: ++number });
    return all;
  }

  /** Notes a line; where it ends. */
  function addLine(to: Batch, { text, start, line }: { text: string; start: number; line: number }): number {
    const end = indexOrEnd(text, start);
    if (!isBlank(text, start, end)) to.lines.push(line);
    if (unreadable && end - start === unreadable.text.length && text.startsWith(unreadable.text, start))
      to.unreadable.set(line, unreadable.why);
    return end;
  }

  function begin(task: Task): void {
    underWay += task.chars;
    running.push(task);
  }

  async function next(): Promise<Ran | Passed | undefined> {
    const first = running.shift();
    underWay -= first?.chars ?? 0;
    const done = await first?.done;
    if (first?.piece) onDone?.(first.piece);
    return done;
  }
}

/** Lines that are run. */
interface Task {
  done: Promise<Ran | Passed>;
  chars: number;
  /** The piece that ends with it: all before it is done before. */
  piece?: Uint8Array | undefined;
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

function startBatch(): Batch {
  return { ndjson: '', lines: [], unreadable: new Map() };
}

function nextSize(size: number, ms: number): number {
  if (ms > LONG_MS) return Math.max(1, size >> 1);
  return ms < SHORT_MS ? Math.min(LARGEST_BATCH, 2 * size) : size;
}

function endOf({ byteOffset, byteLength }: Uint8Array): number {
  return byteOffset + byteLength;
}

function indexOrEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

function decodeUtf8(lines: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(lines);
}
