import type { AmendRow, Destination } from '../runtime/core/destinations.ts';
import { MAX_ROWS } from '../runtime/core/destinations.ts';
import type { Figure } from './measure.ts';
import { compare } from './measure.ts';
import type { WarehouseStage } from './warehouse-stage.ts';
import { pageViews, patient, warehouseStage } from './warehouse-stage.ts';

const ROWS = 10_000;
const TARGET = { table: 'events', primaryKeyFields: ['event_id'] };

/** Destination.amend of 10,000 rows against one UPDATE per row; the note tells against hand-written batches. */
export async function identifyAmendRows(): Promise<Figure> {
  await using s = await warehouseStage();
  const events = pageViews(ROWS);
  await load(s.destination, events);
  await amend(s.destination, events);
  await s.client.query('VACUUM ANALYZE events');
  const ours = () => amend(s.destination, events);
  const oneByOne = await compare('rows/s', ROWS, ours, () => rowByRow(s, events), 3);
  const batched = await compare('rows/s', ROWS, ours, () => byUnnest(s, events), 7);
  const loaded = await compare(
    'rows/s',
    ROWS,
    () => load(s.destination, events),
    () => byInsert(s, events),
    5,
  );
  const ratios = `amend ${batched.ratio.toFixed(2)} of UPDATE ... FROM unnest, load ${loaded.ratio.toFixed(2)} of INSERT ... ON CONFLICT`;
  return { ...oneByOne, note: `in batches of 1,000 written by hand: ${ratios}` };
}

/** Loads all, 1,000 a call. */
export async function load(destination: Destination, events: Record<string, unknown>[]): Promise<void> {
  for (const [at, part] of batches(events)) {
    const rows = part.map((event, i) => ({ event, version: BigInt(at + i) }));
    const refused = (await destination.load(patient(), TARGET, rows)).find(Boolean);
    if (refused) throw refused;
  }
}

let round = 0;

/** Every run sets another identity, so that none has nothing to do. */
export async function amend(destination: Destination, events: Record<string, unknown>[]): Promise<void> {
  const identity = [
    { path: ['user', 'email'], value: `a${++round}@b.com` },
    { path: ['user', 'id'], value: `user-${round}` },
  ];
  for (const [at, part] of batches(events)) {
    const rows: AmendRow[] = part.map((event, i) => ({ event, version: BigInt(at + i), identity }));
    const outcomes = await destination.amend(patient(), { ...TARGET, conflict: 'overwrite' }, rows);
    const other = outcomes.find(({ state }) => state !== 'amended');
    if (other) throw new Error(JSON.stringify(other));
  }
}

async function rowByRow({ client }: WarehouseStage, events: Record<string, unknown>[]): Promise<void> {
  round += 1;
  for (const { event_id } of events) {
    await client.query('UPDATE events SET user_email = $1, user_id = $2 WHERE event_id = $3', [
      `a${round}@b.com`,
      `user-${round}`,
      event_id,
    ]);
  }
}

async function byUnnest({ client }: WarehouseStage, events: Record<string, unknown>[]): Promise<void> {
  round += 1;
  for (const [, part] of batches(events)) {
    await client.query(
      `UPDATE events AS t SET user_email = g.email, user_id = g.id
       FROM unnest($1::text[], $2::text[], $3::text[]) AS g(key, email, id) WHERE t.event_id = g.key`,
      [
        part.map(({ event_id }) => event_id),
        part.map(() => `a${round}@b.com`),
        part.map(() => `user-${round}`),
      ],
    );
  }
}

/** The same rows as one multi-row INSERT per batch, flattened beforehand. */
async function byInsert({ client }: WarehouseStage, events: Record<string, unknown>[]): Promise<void> {
  for (const [, part] of batches(events)) {
    const rows = part.map(flat);
    const columns = Object.keys(rows[0] ?? {});
    const values = rows.map(
      (_, row) => `(${columns.map((_, at) => `$${row * columns.length + at + 1}`).join(', ')})`,
    );
    await client.query(
      `INSERT INTO events (${columns.join(', ')}) VALUES ${values.join(', ')} ON CONFLICT (event_id)
       DO UPDATE SET ${columns
         .slice(1)
         .map(column => `${column} = excluded.${column}`)
         .join(', ')}`,
      rows.flatMap(row => columns.map(column => row[column])),
    );
  }
}

function flat(event: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).flatMap(([key, value]) => {
      if (Array.isArray(value)) return [[key, JSON.stringify(value)]];
      if (typeof value !== 'object' || value === null) return [[key, value]];
      return Object.entries(value)
        .filter(([, inner]) => inner !== null)
        .map(([name, inner]) => [`${key}_${name}`, inner]);
    }),
  );
}

function batches<T>(items: T[]): [at: number, items: T[]][] {
  return Array.from({ length: Math.ceil(items.length / MAX_ROWS) }, (_, i) => [
    i * MAX_ROWS,
    items.slice(i * MAX_ROWS, (i + 1) * MAX_ROWS),
  ]);
}
