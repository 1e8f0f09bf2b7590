/**
 * What the first of these comes to; undefined where none has within so many milliseconds. All go on: who stops waiting leaves
 * them to others.
 */
export async function firstWithin<T>(ms: number, works: Iterable<Promise<T>>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, Math.max(0, ms), undefined);
  });
  return await Promise.race([...works, over]).finally(() => clearTimeout(timer));
}
