import { withBigints } from '../../contract/exact-json.ts';
import { isNobody } from './nobody.ts';
import type { Json } from './nodes.ts';
import { valueAt, withoutValue } from './nodes.ts';
import type { ReadSettings } from './settings.ts';

/**
 * The event as a row holds it: where its identity is to be, a value that names nobody (an empty text, `null`, zero) is
 * nothing, so that the column is empty until the user is known.
 */
export function toStore(event: Json, { identification, noIdentity }: ReadSettings): Json {
  let stored = event;
  for (const { alternatives } of identification)
    for (const path of alternatives) {
      const value = valueAt(stored, path);
      const isText = typeof value === 'string' || typeof value === 'number';
      if (isText && isNobody(String(value), noIdentity))
        stored = withoutValue(stored === event ? withBigints(event) : stored, path);
    }
  return stored;
}
