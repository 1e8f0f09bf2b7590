/** How many there were, by what it is. */
export type Counts = Record<string, number>;

/** All of them together. */
export function sumOf(all: readonly Counts[]): Counts {
  const found: Counts = {};
  for (const counts of all)
    for (const [what, count] of Object.entries(counts)) found[what] = (found[what] ?? 0) + count;
  return found;
}
