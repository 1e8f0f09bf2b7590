import type { ColumnKind } from '../engine.ts';

/**
 * Comments of columns while they are made text: until that is done, whoever was killed in the middle of it, they hold what the
 * warehouse itself writes of their values (MySQL 0 and 1 for what no text says), and are of the kind that they were.
 */
export const MARKS: Partial<Record<ColumnKind, string>> = {
  boolean: 'kvflow: 0 is false, 1 is true',
  double: 'kvflow: numbers',
  timestamp: 'kvflow: times in UTC',
};

/** The kind that a column's comment says it is of. */
export function markedKind(comment: unknown): ColumnKind | undefined {
  const kinds = Object.keys(MARKS) as ColumnKind[];
  return kinds.find(kind => MARKS[kind] === comment);
}
