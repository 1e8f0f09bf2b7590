/** What is left in the bucket of events that the warehouse refuses. */

import type { Cell, Cells } from '../../core/destinations.ts';
import { pipelined } from '../../core/pipeline.ts';
import { noted, noteOf } from '../audit.ts';
import { parsePointer, valueAt } from '../event.ts';
import type { Item, JobContext } from '../job.ts';
import { atWarehouse, batchesOf, isAway } from '../job.ts';
import type { KeyOnly } from '../keys.ts';
import { fromEventKey, tableOf } from '../keys.ts';
import { putAll } from '../state.ts';

/** An event of the job that is remembered, by its key and revision there. */
interface Refused {
  item: Item;
  key: string;
  revision: number;
}

/** How many are taken out at once. */
const IN_FLIGHT = 64;

/**
 * Forgets refused events of the job before anything else is done: whoever names their visitor next, this call or another, would
 * try to store them, and be told once more that they cannot be. One that was stored when it was sent before has a row: of that
 * the key is kept, by which it is amended.
 */
export async function forgetRefused(ctx: JobContext, items: readonly Item[]): Promise<void> {
  const refused = items.flatMap((item): Refused[] => {
    const { visitor, token, revision } = item;
    return visitor !== undefined && revision !== undefined
      ? [{ item, key: `${visitor}.${token}`, revision }]
      : [];
  });
  if (refused.length === 0) return;
  const kept = await rowsOf(ctx, refused);
  const gone = refused.filter(({ key }) => !kept.has(key));
  const { kv, call, settings, evictions } = ctx;
  await pipelined(gone, IN_FLIGHT, async ({ key, revision: upTo }) => {
    const eviction = { bucket: settings.bucket, key, upTo };
    await kv.erase(call, eviction).catch(() => evictions.later([eviction]));
  });
  const puts = [...kept].map(([key, { value, revision }]) => ({ key, value, expectedRevision: revision }));
  await putAll(ctx, puts);
}

type Kept = ReadonlyMap<string, { value: string; revision: number }>;

/** Of those whose row is there what is to be remembered, by their keys in the bucket. */
async function rowsOf(ctx: JobContext, refused: readonly Refused[]): Promise<Kept> {
  const { settings } = ctx;
  const kept = new Map<string, { value: string; revision: number }>();
  const keyed = refused.map(one => {
    const { token, event } = one.item;
    // Of a key that is too long for a token the event says it.
    return {
      ...one,
      said: fromEventKey(token, settings) ?? { table: tableOf(event, settings.table), event },
    };
  });
  for (const [table, some] of Map.groupBy(keyed, ({ said }) => said.table))
    for (const batch of batchesOf(some)) {
      const rows = await keysThere(ctx, { table, events: batch.map(({ said }) => said.event) });
      for (const [index, { item, key, revision }] of batch.entries()) {
        const row = rows[index];
        if (!row) continue;
        const { event, time: at } = item;
        const note = noteOf({ table, primary_key_fields: settings.primaryKeyFields, event, at }, settings);
        kept.set(key, { value: noted({ table, fields: Object.keys(row), key: row }, note), revision });
      }
    }
  return kept;
}

/** The keys of rows, by their columns, as far as there are such rows. None where the table itself is what is wrong. */
async function keysThere(
  ctx: JobContext,
  { table, events }: { table: string; events: readonly KeyOnly['event'][] },
): Promise<(Cells | undefined)[]> {
  const { primaryKeyFields } = ctx.settings;
  const paths = primaryKeyFields.map(field => (field.startsWith('/') ? parsePointer(field) : [field]));
  try {
    const found = await atWarehouse(ctx, async (destination, call) => {
      const columns = await destination.columnsOf(call, table, paths);
      const keys = events.map(event => {
        const key: Cells = Object.create(null);
        for (const [index, column] of columns.entries())
          key[column] = valueAt(event, paths[index] ?? []) as Cell;
        return key;
      });
      const rows = await destination.read(call, { table, primaryKeyFields }, keys);
      return keys.map((key, index) => rows[index] && key);
    });
    return found ?? [];
  } catch (error) {
    if (isAway(error)) throw error;
    return [];
  }
}
