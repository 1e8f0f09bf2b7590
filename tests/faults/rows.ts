import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../support/patience.ts';
import type { Ending } from './caller.ts';
import type { Observed } from './observed.ts';

type Call = (name: string, input: object) => Promise<Pick<Ending, 'data'>>;

/** So long calls may take to be finished that were left unfinished: some looks of whoever does that, one of them in vain. */
const FINISHED_MS = 60_000 * PATIENCE;
const PAUSE_MS = 250;
const ROWS_A_PAGE = 1_000;

/** Notes whose the rows are, once kvflow has finished what it took over with `pending` or left open; in any case after `within` milliseconds. */
export async function noteRows(call: Call, { rows }: Observed, within = FINISHED_MS): Promise<void> {
  for (const until = Date.now() + within; Date.now() < until; await sleep(PAUSE_MS)) {
    const { data } = await call('identify-pending-list', { limit: 1 });
    if (data.total === 0) break;
  }
  const users = new Map<string, (string | undefined)[]>();
  for (let from = 0; from < rows.length + 2; from += ROWS_A_PAGE) {
    const sql = `SELECT event_id, user_id FROM events ORDER BY event_id LIMIT ${ROWS_A_PAGE} OFFSET ${from}`;
    const query = { destination: 'embedded', sql, rows: ROWS_A_PAGE };
    const { data } = await call('warehouse-query', query);
    for (const [event, user] of data.rows as [string, string | null][]) {
      users.set(event, [...(users.get(event) ?? []), user ?? undefined]);
    }
  }
  for (const row of rows) row.found = users.get(row.event) ?? [];
}
