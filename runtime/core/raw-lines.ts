import type { RawLines } from './scripts.ts';

const LINE_BREAK = 0x0a;

/** Lines in parts of at most so many. They are counted and not decoded: a search for a byte is much faster than reading text. */
export function* splitRawLines(bytes: Uint8Array, most: number): Generator<RawLines> {
  let from = 0;
  let count = 0;
  for (let end = 0; end >= 0; ) {
    end = bytes.indexOf(LINE_BREAK, end);
    count++;
    if (end >= 0 && count < most) {
      end++;
      continue;
    }
    yield { bytes: bytes.subarray(from, end < 0 ? bytes.length : end), count };
    if (end >= 0) end++;
    from = end;
    count = 0;
  }
}
