/**
 * Looks at something that lives so many milliseconds while it lives. Where `attempt`, which makes it, took longer than that, it may
 * have looked too late and says nothing: it is asked again, for something that lives twice as long.
 *
 * @param attempt makes the thing anew each time, under another name where one is taken, and throws what is wrong with it
 */
export async function whileAlive<T>(ms: number, attempt: (ms: number) => Promise<T>): Promise<T> {
  for (let life = ms; ; life *= 2) {
    const began = performance.now();
    const [outcome] = await Promise.allSettled([attempt(life)]);
    if (performance.now() - began >= life) continue;
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }
}
