import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Call } from '../runtime/core/call.ts';
import type { Destination } from '../runtime/core/destinations.ts';
import { openNats } from '../runtime/nats/open.ts';
import { openPostgres } from '../runtime/warehouses/postgres/open.ts';
import { createLoader } from '../runtime/warehouses/shared/loader.ts';
import { createLocked } from '../runtime/warehouses/shared/lock.ts';
import type { TestNats } from '../tests/support/nats.ts';
import { startNats } from '../tests/support/nats.ts';
import { startPostgres } from '../tests/support/warehouses/postgres.ts';

/** A PostgreSQL, a destination on it, and the driver that the baselines use. */
export interface WarehouseStage extends AsyncDisposable {
  /** Connection string, as a destination of kvflow.yaml has it. */
  readonly url: string;
  readonly nats: TestNats;
  readonly destination: Destination;
  /** One connection of the driver, which gives what the server sends. */
  readonly client: pg.Client;
}

/** Events of a page view each, with 20 columns and no identity. */
export function pageViews(count: number, visitors = 100): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, i) => ({
    event_id: `event-${String(i).padStart(7, '0')}`,
    user: { anonymous_id: `visitor-${i % visitors}`, email: null, id: null },
    page: {
      url: `https://example.org/products/${i % 500}?ref=mail`,
      title: `Product ${i % 500}`,
      path: `/p/${i % 500}`,
    },
    screen: { width: 1920, height: 1080, dpr: 1.5 },
    browser: { name: 'Firefox', version: '140.0', mobile: false },
    geo: { country: 'DE', city: 'Berlin', lat: 52.52, lon: 13.405 },
    utc_time: new Date(1_767_225_600_000 + i * 1_000).toISOString(),
    sequence: i,
    session: randomUUID(),
    tags: ['a', 'b'],
  }));
}

/** A call without hurry. */
export function patient(): Call {
  return { deadline: Date.now() + 600_000 };
}

/** A server as it is without being tuned: what is committed is on disk. */
export const DURABLE = {
  log_statement: 'none',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
};

/** Starts them. */
export async function warehouseStage(): Promise<WarehouseStage> {
  const nats = await startNats();
  const joined = openNats({ servers: [nats.url] }, { info: () => undefined, warn: () => undefined });
  const postgres = await startPostgres(DURABLE);
  const url = await postgres.database('bench');
  const engine = await openPostgres({ url });
  const destination = createLoader({
    name: 'bench',
    type: 'postgres',
    engine,
    locked: createLocked(joined.kv),
  });
  const client = new pg.Client(url);
  await client.connect();
  return {
    url,
    nats,
    destination,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await destination.close();
      await postgres[Symbol.asyncDispose]();
      await joined.close();
      await nats[Symbol.asyncDispose]();
    },
  };
}
