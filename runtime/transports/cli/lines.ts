import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { giveBack } from './file-input.ts';

/** Stands for a line whose bytes are no UTF-8. */
export const NO_UTF8 = '\ufffd';

const LINE_BREAK = 0x0a;
/**
 * What is worked on piece by piece stays in the processor's caches, and as a text it is none of those that V8 gives memory of their
 * own. What a pipe brings at once is one piece: a large and a small one of it cost a fifth more of the processor.
 */
const PIECE_BYTES = 120_000;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The lines of a stream, some at a time, in one text as {@link decodeLines} has it of each of {@link rawLinesOf}. */
export async function* linesOf(stream: Readable, signal: AbortSignal): AsyncGenerator<string> {
  for await (const piece of rawLinesOf(stream, signal)) yield decodeLines(piece);
}

/**
 * The lines of a stream as they came, some at a time, the last of which no line break ends; a byte order mark before the first is
 * left out. Ends early, without the rest, when `signal` is aborted. `chunks`: is told which piece is of which chunk.
 */
export async function* rawLinesOf(
  stream: Readable,
  signal: AbortSignal,
  chunks: Chunks = NO_CHUNKS,
): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let isFirst = true;
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const some of stream as AsyncIterable<Buffer | string>) {
      const chunk = typeof some === 'string' ? Buffer.from(some) : some;
      const end = chunk.lastIndexOf(LINE_BREAK);
      if (end < 0) {
        rest.push(chunk);
        continue;
      }
      chunks.begin(chunk);
      for (let from = 0; from <= end; ) {
        const to = pieceEnd(chunk, from, end);
        const some = chunk.subarray(from, to);
        const piece = rest.length > 0 ? Buffer.concat([...rest, some]) : some;
        rest = [];
        chunks.cut(piece);
        yield isFirst ? withoutMark(piece) : piece;
        isFirst = false;
        from = to + 1;
      }
      // A copy: the chunk may be gone before the rest of the line comes.
      rest = [Buffer.from(chunk.subarray(end + 1))];
      chunks.end(chunk);
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield isFirst ? withoutMark(last) : last;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What a stream brought, for as long as pieces of it are read. */
export interface Chunks {
  begin(chunk: Buffer): void;
  /** A piece is passed on. */
  cut(piece: Buffer): void;
  /** Nothing else comes of it. */
  end(chunk: Buffer): void;
  /** Nobody reads the piece any more. */
  done(piece: Uint8Array): void;
}

const NO_CHUNKS: Chunks = { begin: nothing, cut: nothing, end: nothing, done: nothing };

function nothing(): void {}

/** What is smaller is not worth it. */
const MIN_BYTES = 16 * 1024;

/** Whether they are large, and all that is in their memory. */
function isAlone({ length, buffer }: Buffer): boolean {
  return length >= MIN_BYTES && length === buffer.byteLength;
}

/** Gives the memory of large chunks back as soon as all their pieces are done. */
export function createChunks(): Chunks {
  const pieces = new Map<ArrayBufferLike, number>();
  /** The chunk counts as one itself, until its end. */
  const less = ({ buffer }: Uint8Array): void => {
    const left = (pieces.get(buffer) ?? 0) - 1;
    if (left > 0) pieces.set(buffer, left);
    else if (pieces.delete(buffer)) giveBack(buffer);
  };
  return {
    begin(chunk) {
      if (isAlone(chunk)) pieces.set(chunk.buffer, 1);
    },
    cut(piece) {
      // One that was put together is of no chunk.
      const count = pieces.get(piece.buffer) ?? (isAlone(piece) ? 0 : undefined);
      if (count !== undefined) pieces.set(piece.buffer, count + 1);
    },
    end: less,
    done: less,
  };
}

/** Where the lines end that are passed on together: at a line break, the one at `end` at the latest. */
function pieceEnd(chunk: Buffer, from: number, end: number): number {
  if (end - from <= PIECE_BYTES) return end;
  const before = chunk.lastIndexOf(LINE_BREAK, from + PIECE_BYTES);
  return before >= from ? before : chunk.indexOf(LINE_BREAK, from);
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes;
}

/** Lines as text: one that is no UTF-8 is {@link NO_UTF8}. */
export function decodeLines(lines: Uint8Array): string {
  const block = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  if (isUtf8(block)) return block.toString('utf8');
  const texts: string[] = [];
  for (let from = 0; from <= block.length; ) {
    const found = block.indexOf(LINE_BREAK, from);
    const end = found < 0 ? block.length : found;
    const line = block.subarray(from, end);
    texts.push(isUtf8(line) ? line.toString('utf8') : NO_UTF8);
    from = end + 1;
  }
  return texts.join('\n');
}
