/** What parts of every-page.test.ts share. */
import type { Dashboard, Visit } from '../support/dashboard.ts';

const LANES = 3;

export const KEEPS = 'await $kv.set($.u, $, { ttlMs: 600000 })\nreturn $';

/** Of the server, and with nothing to do: the work goes to its own page. */
const NO_PAGE = '/favicon.svg';

/** Does the work in pages side by side, each of which begins with none: each waits for the server most of the time. */
export async function bySeveral<T>(
  dashboard: Pick<Dashboard, 'visit'>,
  all: readonly T[],
  work: (visit: Visit, one: T) => Promise<void>,
): Promise<void> {
  const rest = all.values();
  const lane = async () => {
    await using visit = await dashboard.visit(NO_PAGE);
    visit.allow(/404/);
    for (const one of rest) await work(visit, one);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
