/** What is left in the bucket of events that the warehouse refuses. */

import { stringifyExact, withBigints } from '../../../contract/exact-json.ts';
import type { Json } from '../event.ts';
import { withValue } from '../event.ts';
import type { Item, JobContext } from '../job.ts';
import { keyPath, keyValue, tableOf } from '../keys.ts';
import { noteOf, toJsonCell } from '../note.ts';
import type { Remembered } from '../remember.ts';
import type { ReadSettings } from '../settings.ts';
import { putAll } from '../state.ts';

/**
 * Leaves no more of refused events of the job than their keys, before anything else is done: whoever names their visitor next, this
 * call or another, would try to store them, and be told once more that they cannot be. The key stays, as there may be a row: the event
 * may have been stored when it was sent before, or be under way in another call at this moment.
 */
export async function keepKeys(ctx: JobContext, refused: readonly Item[]): Promise<void> {
  const puts = refused.flatMap(item => {
    const { visitor, token, revision } = item;
    if (visitor === undefined || revision === undefined) return [];
    const value = stringifyExact(keyOf(item, ctx.settings));
    return [{ key: `${visitor}.${token}`, value, expectedRevision: revision }];
  });
  // Where somebody has remembered another version since, that stands.
  await putAll(ctx, puts);
}

function keyOf({ event, time: at }: Item, settings: ReadSettings): Remembered {
  const { primaryKeyFields } = settings;
  const whole = { table: tableOf(event, settings.table), primary_key_fields: primaryKeyFields, event, at };
  const outline: Json = noteOf(whole, settings)?.outline ?? {};
  const exact = withBigints(event);
  const key = primaryKeyFields.reduce<Json>(
    (made, field) => withValue(made, keyPath(field), toJsonCell(keyValue(exact, field))),
    outline,
  );
  return { ...whole, event: key, key_only: true };
}
