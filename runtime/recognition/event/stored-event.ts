import { withBigints } from '../../../contract/exact-json.ts';
import type { ReadSettings } from '../settings.ts';
import { isNobody } from './nobody.ts';
import type { Json } from './nodes.ts';
import { isObject, valueAt, withoutValue } from './nodes.ts';

/**
 * The event as a row holds it: where its identity is to be, a value that names nobody (an empty text, `null`, zero, a
 * boolean, a list) is nothing, so that the column is empty until the user is known. An object there is no value of the
 * column: its own values have columns of their own.
 */
export function toStore(event: Json, { identification, noIdentity }: ReadSettings): Json {
  let stored = event;
  for (const { alternatives } of identification)
    for (const path of alternatives)
      if (isNothing(valueAt(stored, path), noIdentity))
        stored = withoutValue(stored === event ? withBigints(event) : stored, path);
  return stored;
}

function isNothing(value: unknown, noIdentity: ReadonlySet<string>): boolean {
  if (value === undefined || typeof value === 'bigint') return false;
  if (typeof value === 'string' || typeof value === 'number') return isNobody(String(value), noIdentity);
  return !isObject(value) || Object.keys(value).length === 0;
}
