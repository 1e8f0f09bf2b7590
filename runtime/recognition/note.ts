/** Notes of remembered events: what is known of one when all but its row's key is gone. */

import { stringifyExact, withBigints } from '../../contract/exact-json.ts';
import { exactNumber } from '../../contract/exact-number.ts';
import type { Cells } from '../core/destinations.ts';
import type { Json } from './event.ts';
import { isObject, valueAt, withValue } from './event.ts';
import type { Remembered } from './remember.ts';
import type { ReadSettings } from './settings.ts';

/**
 * What is kept of an event whose row has been amended: enough to tell, when a login of before comes late or is undone, whose
 * it is, and which columns are its identity's. Its row's key is kept beside it.
 */
export interface EventNote {
  /** When it happened, or arrived, in milliseconds since 1970. */
  at: number;
  /** Of the event what stands at the nodes of its identity. Missing: nothing, and there is one place for each value. */
  outline?: Json;
}

/** A note as it is stored. */
export type StoredNote = [at: number] | [at: number, outline: Json];

/** What is to be kept of a remembered event; undefined where it is not known when it happened. */
export function noteOf({ event, at }: Remembered, settings: ReadSettings): EventNote | undefined {
  if (at === undefined) return undefined;
  const outline = outlineOf(event, settings);
  return outline ? { at, outline } : { at };
}

/** As it is stored. */
export function toStoredNote({ at, outline }: EventNote): StoredNote {
  return outline ? [at, outline] : [at];
}

/** As it was stored. */
export function fromStoredNote(stored: StoredNote | null | undefined): EventNote | undefined {
  if (!stored) return undefined;
  const [at, outline] = stored;
  return outline ? { at, outline } : { at };
}

function outlineOf(given: Json, { anonymousId, identification }: ReadSettings): Json | undefined {
  const event = withBigints(given);
  const paths = identification.flatMap(({ alternatives }) => alternatives);
  const isPlain = identification.every(({ alternatives }) => alternatives.length === 1);
  if (isPlain && !paths.some(path => isSaid(valueAt(event, path)))) return undefined;
  return [...anonymousId.alternatives, ...paths].reduce<Json>((outline, path) => {
    const value = valueAt(event, path);
    // An id is the same as text, and a text has all its digits.
    if (isSaid(value)) return withValue(outline, path, typeof value === 'bigint' ? String(value) : value);
    if (value !== undefined && !isObject(value)) return withValue(outline, path, '');
    const around = path.slice(0, -1);
    const isThere = around.length > 0 && isObject(valueAt(event, around));
    return isThere && valueAt(outline, around) === undefined ? withValue(outline, around, {}) : outline;
  }, {});
}

function isSaid(value: unknown): boolean {
  return (
    (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'bigint'
  );
}

/** A remembered event of which the row's key and its note are left, as JSON text. */
export function noted(
  { table, fields, key }: { table: string; fields: readonly string[]; key: Cells },
  note: EventNote | undefined,
): string {
  const remembered: Remembered = {
    table,
    primary_key_fields: [...fields],
    event: {
      ...note?.outline,
      ...Object.fromEntries(Object.entries(key).map(([column, cell]) => [column, toJsonCell(cell)])),
    },
    ...(note && { at: note.at }),
    key_only: true,
  };
  return stringifyExact(remembered);
}

/** A part of a key as JSON is written with all its digits. */
export function toJsonCell(cell: unknown): unknown {
  return typeof cell === 'bigint' ? exactNumber(String(cell)) : cell;
}
