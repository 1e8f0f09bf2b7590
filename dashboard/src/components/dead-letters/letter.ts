import type {
  IdentifyDeadLetter,
  IdentifyDeadReplayOutput,
  KvQueueDeadReplayOutput,
  QueueDeadLetter,
  TransformDeadLetter,
  TransformDeadReplayOutput,
} from '../../../../contract/types.gen.ts';
import { valueSummary } from '../../lib/value-summary.ts';

/** The parts of kvflow that keep dead letters, as the names of their functions begin, and what these answer. */
export interface DeadParts {
  identify: { letter: IdentifyDeadLetter; replayed: IdentifyDeadReplayOutput };
  transform: { letter: TransformDeadLetter; replayed: TransformDeadReplayOutput };
  'kv-queue': { letter: QueueDeadLetter; replayed: KvQueueDeadReplayOutput };
}

/** One of them. */
export type DeadPart = keyof DeadParts;

/** A dead letter, whoever keeps it. */
export type DeadLetter = DeadParts[DeadPart]['letter'];

/** Whose letters: of one namespace or queue, or of all. */
export interface DeadScope {
  bucket?: string;
  namespace?: string;
  all_namespaces?: boolean;
  queue?: string;
}

/** What a part's letters are told apart by, and what came with them. */
export const WORDS: Record<DeadPart, { owner: 'Namespace' | 'Queue'; came: 'event' | 'item'; why: string }> =
  {
    identify: { owner: 'Namespace', came: 'event', why: 'could not be stored' },
    transform: { owner: 'Namespace', came: 'event', why: 'a script failed at' },
    'kv-queue': { owner: 'Queue', came: 'item', why: 'were put aside' },
  };

/** Those of one owner; empty: of all. */
export function scopeOf(part: DeadPart, owner: string): DeadScope {
  if (part === 'kv-queue') return owner === '' ? {} : { queue: owner };
  return owner === '' ? { all_namespaces: true } : { namespace: owner };
}

/** One letter, of those that are shown. A queue's is replayed and dropped by its queue. */
export function scopeOfOne(of: DeadScope, letter: DeadLetter): DeadScope & { key: string } {
  return { ...of, key: letter.key, ...('queue' in letter && { queue: letter.queue }) };
}

/** What came, in one line: an event, the text of a line that is none, or the value of an item. */
export function cameOf(letter: DeadLetter): string {
  if ('queue' in letter) return valueSummary(letter.value);
  const { text, left_out } = letter as Partial<TransformDeadLetter>;
  return left_out === 'event' ? 'too large to be kept' : valueSummary(text ?? letter.event);
}
