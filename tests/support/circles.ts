/**
 * Finds files that import each other in a circle, over any number of steps (Tarjan's strongly connected components).
 * @param imports what each file imports
 * @returns the files of each circle, sorted
 */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return circles;

  function visit(file: string): number {
    const place = order.size;
    order.set(file, place);
    let low = place;
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue;
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low < place) return low;
    const members = open.splice(open.indexOf(file));
    if (members.length > 1) circles.push(members.sort());
    return low;
  }
}
