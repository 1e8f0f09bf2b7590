/** How names of kvflow become names of Snowflake, and back. */
import type { Column } from '../engine.ts';

/** A column as it is in a table, with its name there. */
export interface FoundColumn extends Column {
  /** Its name in Snowflake, unquoted. */
  identifier: string;
}

/** Names that may be written without quotes; Snowflake reads those as upper case. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_$]*$/;

/**
 * The identifier kvflow makes for a name: upper case where the name could be written without quotes, so that
 * `select user_email from events` finds what kvflow made; any other name exactly as it is.
 */
export function identifierOf(name: string): string {
  return PLAIN.test(name) ? name.toUpperCase() : name;
}

/** What a name may mean in a warehouse that is there already, best first: as kvflow makes it, then exactly as written. */
export function candidatesOf(name: string): string[] {
  return [...new Set([identifierOf(name), name])];
}

/** kvflow's name for an identifier: lower case where {@link identifierOf} leads back to it. */
export function nameOf(identifier: string): string {
  const lower = identifier.toLowerCase();
  return identifierOf(lower) === identifier ? lower : identifier;
}

/** In double quotes, with those inside doubled. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** The quoted identifier of a column: the one it has in the table, or the one it is made with. */
export function columnSql(column: Column): string {
  return quote('identifier' in column ? (column as FoundColumn).identifier : identifierOf(column.name));
}
