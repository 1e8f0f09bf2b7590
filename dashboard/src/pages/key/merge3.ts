import { diff3Merge } from 'node-diff3';

/** Two changes of one text as one text. */
export interface Merged {
  text: string;
  /** Places where both changed the same lines differently; they are marked in the text. */
  conflicts: number;
}

/** A marked place is everything between lines that begin with these. */
export const MARKS = { mine: '<<<<<<< yours', middle: '=======', theirs: '>>>>>>> theirs' } as const;

/** How many marked places are still in a text. */
export function conflictsIn(text: string): number {
  return text.split('\n').filter(line => line === MARKS.mine).length;
}

/** What two have made of the same text, line by line, as version control does it. */
export function merge3(base: string, theirs: string, mine: string): Merged {
  const [before, left, right] = [base, mine, theirs].map(text => text.split('\n'));
  const regions = diff3Merge(left ?? [], before ?? [], right ?? [], { excludeFalseConflicts: true });
  const lines = regions.flatMap(({ ok, conflict }) =>
    conflict ? [MARKS.mine, ...conflict.a, MARKS.middle, ...conflict.b, MARKS.theirs] : (ok ?? []),
  );
  return { text: lines.join('\n'), conflicts: regions.filter(({ conflict }) => conflict).length };
}
