import type {
  IdentifyDeadLetter,
  IdentifyDeadReplayOutput,
  TransformDeadLetter,
  TransformDeadReplayOutput,
} from '../../../../contract/types.gen.ts';
import { valueSummary } from '../../lib/value-summary.ts';

/** The parts of kvflow that keep dead letters, as the names of their functions begin, and what these answer. */
export interface DeadParts {
  identify: { letter: IdentifyDeadLetter; replayed: IdentifyDeadReplayOutput };
  transform: { letter: TransformDeadLetter; replayed: TransformDeadReplayOutput };
}

/** One of them. */
export type DeadPart = keyof DeadParts;

/** A dead letter, whoever keeps it. */
export type DeadLetter = DeadParts[DeadPart]['letter'];

/** Whose letters: of one namespace, or of all. */
export interface DeadScope {
  bucket?: string;
  namespace?: string;
  all_namespaces?: boolean;
}

/** What came, in one line: an event, or the text of a line that is none. */
export function cameOf(letter: DeadLetter): string {
  const { text, left_out } = letter as Partial<TransformDeadLetter>;
  return left_out === 'event' ? 'too large to be kept' : valueSummary(text ?? letter.event);
}
