import type { JsonLines } from '../../core/json-lines.ts';

/** Lines of a call that follow each other, and nothing but a line break between them. */
export interface Block {
  /** The first line, and how many. */
  from: number;
  size: number;
}

const MAX_EVENTS = 100;
/** A hundred events of 1 KB are one block: each costs both sides system calls and turns of their own. */
const MAX_CHARS = 120_000;
const BRACE = 0x7b;

/**
 * All lines of a text in blocks. What does not begin as an object, or has more than a line break behind it, is by itself, as
 * is what is large.
 */
export function toBlocks({ text, starts, ends }: JsonLines): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < starts.length; ) {
    let next = at + 1;
    const last = (starts[at] ?? 0) + MAX_CHARS;
    const isGood = (line: number): boolean => text.charCodeAt(starts[line] ?? 0) === BRACE;
    for (; isGood(at) && next < starts.length && next - at < MAX_EVENTS; next++) {
      const isNext = starts[next] === (ends[next - 1] ?? 0) + 1;
      if (!isNext || !isGood(next) || (ends[next] ?? 0) > last) break;
    }
    blocks.push({ from: at, size: next - at });
    at = next;
  }
  return blocks;
}

/** The text of a block. */
export function blockText({ text, starts, ends }: JsonLines, { from, size }: Block): string {
  return text.slice(starts[from], ends[from + size - 1]);
}
