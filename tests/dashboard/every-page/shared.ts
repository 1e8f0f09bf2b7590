/** What parts of every-page.test.ts share. */
import type { Dashboard, Visit } from '../support/dashboard.ts';

const LANES = 3;

export const KEEPS = 'await $kv.set($.u, $, { ttlMs: 600000 })\nreturn $';

/** Does the work in pages side by side, each from the first page on: each waits for the server most of the time. */
export async function bySeveral<T>(
  dashboard: Pick<Dashboard, 'visit'>,
  [first, all]: readonly [first: string, all: readonly T[]],
  work: (visit: Visit, one: T) => Promise<void>,
): Promise<void> {
  const rest = all.values();
  const lane = async () => {
    await using visit = await dashboard.visit(first);
    visit.allow(/404/);
    for (const one of rest) await work(visit, one);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
