import type { JsonLines } from '../../core/json-lines.ts';

/** Lines of a call that follow each other, and nothing but a line break between them. */
export interface Block {
  /** The first line, and how many. */
  from: number;
  /** How long each is in the text, its line break with it; none ends the last one. */
  lengths: number[];
}

const MAX_EVENTS = 100;
/** What comes of it is read at once, where it does not come to much more. */
const MAX_CHARS = 60_000;
const BRACE = 0x7b;

/**
 * All lines of a text in blocks. What does not begin as an object, or has more than a line break behind it, is by itself, as
 * is what is large.
 */
export function toBlocks({ text, starts, ends }: JsonLines): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < starts.length; ) {
    const block = { from: at, lengths: [(ends[at] ?? 0) - (starts[at] ?? 0)] };
    const last = (starts[at] ?? 0) + MAX_CHARS;
    const isGood = (line: number): boolean => text.charCodeAt(starts[line] ?? 0) === BRACE;
    for (let next = at + 1; isGood(at) && next < starts.length && block.lengths.length < MAX_EVENTS; next++) {
      const isNext = starts[next] === (ends[next - 1] ?? 0) + 1;
      if (!isNext || !isGood(next) || (ends[next] ?? 0) > last) break;
      const before = block.lengths.length - 1;
      block.lengths[before] = (block.lengths[before] ?? 0) + 1;
      block.lengths.push((ends[next] ?? 0) - (starts[next] ?? 0));
    }
    blocks.push(block);
    at += block.lengths.length;
  }
  return blocks;
}

/**
 * How long each line of a text is, its line break with it; none ends the last one. Undefined where they are no block: one does
 * not begin as an object, or there is more than a line break between two.
 */
export function lengthsOf({ text, starts, ends }: JsonLines): number[] | undefined {
  const lengths: number[] = [];
  for (let line = 0, at = 0; line < starts.length; line++) {
    if (starts[line] !== at || text.charCodeAt(at) !== BRACE) return undefined;
    const end = ends[line] ?? 0;
    const isLast = line === starts.length - 1;
    lengths.push(end - at + (isLast ? 0 : 1));
    at = end + 1;
  }
  return lengths.length > 0 ? lengths : undefined;
}

/** The text of a block. */
export function blockText({ text, starts, ends }: JsonLines, { from, lengths }: Block): string {
  return text.slice(starts[from], ends[from + lengths.length - 1]);
}
