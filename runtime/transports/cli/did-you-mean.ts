/** Of the names those that are most like what was typed, at most three, the nearest first; none where all are far. */
export function nearest(typed: string, names: string[]): string[] {
  const most = Math.max(1, Math.floor(typed.length / 3));
  const like = names
    .map(name => ({ name, steps: distance(typed.toLowerCase(), name) }))
    .filter(({ name, steps }) => steps <= most || (typed.length > 2 && name.startsWith(typed)))
    .sort((a, b) => a.steps - b.steps);
  const [best] = like;
  return like
    .filter(({ steps }) => best && steps <= best.steps + 1)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** ` Did you mean get or put?`, or nothing. */
export function didYouMean(typed: string, names: string[]): string {
  const meant = nearest(typed, names);
  return meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : '';
}

/** Letters to add, leave out, change or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last]: number[][] = [[], [...Array(b.length + 1).keys()]];
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next[column] = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last ?? [], next];
  }
  return at(last, b.length);
}

function at(row: number[] | undefined, column: number): number {
  return row?.[column] ?? Number.POSITIVE_INFINITY;
}
