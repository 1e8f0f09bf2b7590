import { stringifyExact } from '../../../contract/exact-json.ts';
import type { Call } from '../../core/call.ts';
import type { Destinations } from '../../core/destinations.ts';
import type { DeadLetter } from '../../core/state/dead-letters.ts';

/** A dead letter under its key. */
export interface Rejected {
  key: string;
  letter: DeadLetter;
}

/**
 * Writes dead letters into the table that their destination names for them (`rejected_table`), made where it is missing: one row for
 * each, however often its event comes. A copy for those who look into the warehouse: where it cannot be written the letters are there all
 * the same, and a row stays when its letter is replayed, dropped, or has ended with its window.
 */
export async function writeRejected(
  destinations: Destinations,
  call: Call,
  name: string,
  rejected: readonly Rejected[],
): Promise<void> {
  if (name === '' || rejected.length === 0) return;
  const destination = await destinations.open(name);
  const table = destination.rejectedTable;
  if (table === undefined) return;
  const now = BigInt(Date.now()) * 1_000n;
  const events = rejected.map(one => ({ event: rowOf(one), version: now }));
  await destination.load(call, { table, primaryKeyFields: ['letter'] }, events).catch(() => undefined);
}

function rowOf({ key, letter }: Rejected): Record<string, unknown> {
  const { at, table, code, message, column, by, event } = letter;
  return {
    letter: key,
    rejected_at: at,
    event_table: table,
    code,
    message,
    column_name: column,
    rejected_by: by,
    event: stringifyExact(event),
  };
}
