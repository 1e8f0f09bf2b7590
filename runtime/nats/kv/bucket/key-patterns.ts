import type { Call } from '../../../core/call.ts';
import { readAtLeader } from '../read/leader-read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { KeyCodec } from './key-codec.ts';
import { fitsPattern } from './pattern.ts';
import type { StreamView } from './stream-view.ts';

/** What filters of keys are in a bucket's stream. */
export interface KeyPatterns {
  /** Patterns of subjects, none of which has a subject in common with another. */
  subjects: readonly string[];
  /** Every key of the bucket is meant, and nothing has to be left out. */
  everything: boolean;
  /** Whether a key is wanted of what the patterns find. */
  wants(key: string): boolean;
}

/** A bucket whose keys are looked for. */
type Keyed = Pick<StreamView, 'readPrefix'> & { codec: KeyCodec };

/**
 * Where the keys that fit any of the filters are stored, whichever client wrote them: the one way from filters to subjects, for
 * everything that lists, watches or exports. The server refuses patterns that have subjects in common: in their place everything
 * is read, and what is not wanted is left out. Throws INVALID_INPUT.
 */
export function patternsOf(
  { codec, readPrefix }: Keyed,
  filters: readonly string[],
  pointerOf: (index: number) => string = () => '/filter',
): KeyPatterns {
  const own = filters.map((filter, index) => codec.encodeFilter(filter, pointerOf(index)));
  const all = { subjects: [`${readPrefix}>`], everything: true, wants: () => true };
  if (own.includes('>')) return all;
  const more = filters.flatMap(filter => codec.formsOfFilter?.(filter) ?? []);
  const patterns = [...new Set([...own, ...more])];
  const isClear = patterns.every((one, index) => patterns.slice(index + 1).every(two => !overlap(one, two)));
  const subjects = isClear ? patterns.map(pattern => readPrefix + pattern) : all.subjects;
  if (isClear && more.length === 0) return { subjects, everything: false, wants: all.wants };
  return { subjects, everything: false, wants: key => filters.some(filter => fitsPattern(key, filter)) };
}

/** How a consumer is told what to deliver. */
export interface ConsumerFilter {
  filter_subject?: string;
  filter_subjects?: string[];
}

/** The server looks at no subject where everything is wanted. */
export function consumerFilter(patterns: KeyPatterns): ConsumerFilter {
  return patterns.everything ? {} : latestFilter(patterns);
}

/** Of a consumer of each subject's latest message: the server takes none without a filter. */
export function latestFilter({ subjects }: KeyPatterns): ConsumerFilter {
  const [filter_subject = '', ...more] = subjects;
  return more.length === 0 ? { filter_subject } : { filter_subjects: [filter_subject, ...more] };
}

/** The first message from a sequence number on that the patterns find, as the leader knows it. */
export async function nextAtLeader(
  call: Call,
  at: StreamView,
  { seq, patterns }: { seq: number; patterns: KeyPatterns },
): Promise<StoredMessage | undefined> {
  const asked = patterns.subjects.map(next_by_subj => readAtLeader(call, at, { seq, next_by_subj }));
  const found = (await Promise.all(asked)).filter(message => message !== undefined);
  return found.toSorted((a, b) => a.seq - b.seq)[0];
}

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
