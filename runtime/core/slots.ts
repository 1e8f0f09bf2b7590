/** Lets so many things be under way at once; others wait for their turn. */
export function createSlots(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const free = (): void => {
    const next = waiting.shift();
    if (next) next();
    else taken--;
  };
  return async work => {
    if (taken < most) taken++;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await work();
    } finally {
      free();
    }
  };
}
