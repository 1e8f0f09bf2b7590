/**
 * Runs `work` for every item with at most `inFlight` at once, starting them in order. After the first failure no
 * further item is started; it is thrown when those under way have ended, so that whatever they counted is final.
 */
export async function pipelined<T>(
  items: readonly T[],
  inFlight: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed: { error: unknown } | undefined;
  const lane = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, items.length) }, lane));
  if (failed) throw failed.error;
}
