import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';

/** Stands for a line whose bytes are no UTF-8. */
export const NO_UTF8 = '\ufffd';

const LINE_BREAK = 0x0a;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines of a stream, as many at a time as have come, in one text whose last line no line break ends; a byte order mark before the first is left
 * out. A line that is no UTF-8 is {@link NO_UTF8}. Ends early, without the rest, when `signal` is aborted.
 */
export async function* linesOf(stream: Readable, signal: AbortSignal): AsyncGenerator<string> {
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
      const block = Buffer.concat([...rest, chunk.subarray(0, end)]);
      rest = [chunk.subarray(end + 1)];
      yield decode(isFirst ? withoutMark(block) : block);
      isFirst = false;
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield decode(isFirst ? withoutMark(last) : last);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes;
}

function decode(block: Buffer): string {
  if (isUtf8(block)) return block.toString('utf8');
  const lines: string[] = [];
  for (let from = 0; from <= block.length; ) {
    const found = block.indexOf(LINE_BREAK, from);
    const end = found < 0 ? block.length : found;
    const line = block.subarray(from, end);
    lines.push(isUtf8(line) ? line.toString('utf8') : NO_UTF8);
    from = end + 1;
  }
  return lines.join('\n');
}
