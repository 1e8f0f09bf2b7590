import type { KeyCodec } from '../bucket/key-codec.ts';
import { fitsPattern } from '../bucket/pattern.ts';

/** What a consumer is to deliver of a bucket, and what of that is wanted. */
export interface WatchFilters {
  /** Patterns of stored keys, none of which has a key in common with another. */
  patterns: string[];
  /** Whether a key is wanted. */
  wants(key: string): boolean;
}

/**
 * Filters as the server takes them: it refuses patterns that have subjects in common, in whose place everything is read and what
 * is not wanted is left out here. Keys that other clients write otherwise are found too.
 */
export function watchFilters(
  codec: KeyCodec,
  filters: readonly string[],
  pointerOf: PointerOf,
): WatchFilters {
  const own = filters.map((filter, index) => codec.encodeFilter(filter, pointerOf(index)));
  const more = filters.flatMap(filter => codec.formsOfFilter?.(filter) ?? []);
  const patterns = [...new Set([...own, ...more])];
  const isClear = patterns.every((one, index) => patterns.slice(index + 1).every(two => !overlap(one, two)));
  if (isClear && more.length === 0) return { patterns, wants: () => true };
  return {
    patterns: isClear ? patterns : ['>'],
    wants: key => filters.some(filter => fitsPattern(key, filter)),
  };
}

type PointerOf = (index: number) => string;

/** Whether any key fits both patterns. */
function overlap(one: string, two: string): boolean {
  const [a, b] = [one.split('.'), two.split('.')];
  for (let at = 0; ; at++) {
    const [x, y] = [a[at], b[at]];
    if (x === undefined || y === undefined) return x === y;
    if (isRest(a, at) || isRest(b, at)) return true;
    if (x !== y && x !== '*' && y !== '*') return false;
  }
}

function isRest(tokens: readonly string[], at: number): boolean {
  return tokens[at] === '>' && at === tokens.length - 1;
}
