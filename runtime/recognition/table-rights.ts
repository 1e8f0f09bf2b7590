import { PackError } from '../../contract/errors.ts';
import type { Destination } from '../core/destinations.ts';
import { matchesAny } from '../core/principal.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import type { Json } from './event/nodes.ts';

/** Throws FORBIDDEN unless the caller may name the table: its destination lists it, or the caller's rights do. */
export function authorizeCallTable(
  table: string | undefined,
  destination: Destination | undefined,
  rights: RecognitionRights | undefined,
): void {
  if (table === undefined || !destination || isListed(destination, table)) return;
  rights?.table(table);
}

/**
 * Throws FORBIDDEN unless an event's JITSU_TABLE_NAME is the call's table or one that the destination lists: events often
 * come from browsers. Where it lists none beside its own, the caller's rights decide.
 */
export function authorizeEventTable(
  event: Json,
  table: string,
  { destination, rights }: { destination: Destination; rights: RecognitionRights | undefined },
): void {
  const named = event.JITSU_TABLE_NAME;
  if (typeof named !== 'string' || named === '' || named === table || isListed(destination, named)) return;
  if (!destination.otherTables) {
    rights?.table(named);
    return;
  }
  throw new PackError(
    'FORBIDDEN',
    `JITSU_TABLE_NAME is "${named}", which destination "${destination.name}" does not list; nothing was written for this event. Add it to destinations.${destination.name}.tables in kvflow.yaml, or name it as the call's table.`,
    { details: { table: named, destination: destination.name } },
  );
}

function isListed({ table, otherTables = [] }: Destination, name: string): boolean {
  return name === table || matchesAny(otherTables, name);
}
