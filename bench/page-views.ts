import type pg from 'pg';
import type { TestEvent } from '../tests/support/identify.ts';

/** An event of some 20 columns and half a kilobyte, as a page view has them. */
export function pageView(id: string, visitor: string, user: object = {}): TestEvent {
  const texts = Array.from({ length: 12 }, (_, i) => [`field_${i}`, `value ${i} of ${id}`]);
  return {
    event_id: id,
    event_type: 'pageview',
    url: `https://shop.example/products/${id}?ref=mail`,
    utc_time: '2026-01-31T12:00:00.000Z',
    page: { title: 'Products', width: 1280, scrolled: 0.75, active: true },
    ...Object.fromEntries(texts),
    user: { anonymous_id: visitor, ...user },
  };
}

/** Who a visitor turns out to be. */
export function userOf(visitor: number): { id: string; email: string } {
  return { id: `user-${visitor}`, email: `user-${visitor}@shop.example` };
}

/** Stores events with hand-written multi-row statements: INSERT ... ON CONFLICT, so many rows each. */
export async function insertByHand(
  client: pg.Client,
  { columns, size, table = 'events' }: { columns: string[]; size: number; table?: string },
  events: readonly TestEvent[],
): Promise<void> {
  const rest = columns
    .filter(column => column !== 'event_id')
    .map(column => `${column} = EXCLUDED.${column}`);
  for (let at = 0; at < events.length; at += size) {
    const batch = events.slice(at, at + size).map(flat);
    const values: unknown[] = [];
    const rows = batch.map(event => {
      const marks = columns.map(column => `$${values.push(event[column] ?? null)}`);
      return `(${marks.join()})`;
    });
    const text = `INSERT INTO ${table} (${columns.join()}) VALUES ${rows.join()} ON CONFLICT (event_id) DO UPDATE SET ${rest.join()}`;
    const { rowCount } = await client.query(text, values);
    if (rowCount !== batch.length) throw new Error(`${rowCount} rows were inserted`);
  }
}

/** The columns of the table `events`. */
export async function columnsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'events' ORDER BY 1",
  );
  return rows.map(({ column_name }) => column_name as string);
}

function flat(event: Record<string, unknown>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event)) {
    if (typeof value !== 'object' || value === null) row[key] = value;
    else for (const [inner, deep] of Object.entries(value)) row[`${key}_${inner}`] = deep;
  }
  return row;
}
