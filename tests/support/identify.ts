import type { IdentifyInput, IdentifyOutput } from '../../contract/types.gen.ts';
import type { Cell, Cells, Destination } from '../../runtime/core/destinations.ts';
import { takeLock } from '../../runtime/locks/lock-file.ts';
import type { Parts } from '../../runtime/recognition/job.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import { createDestinations } from '../../runtime/warehouses/destinations.ts';
import type { JoinOptions, TestKvflow } from './kvflow.ts';
import { endingWith, joinNats } from './kvflow.ts';
import type { TestNats } from './nats.ts';
import { startNats } from './nats.ts';
import { soon } from './soon.ts';

/** An event of a test: its id is its primary key. */
export type TestEvent = Record<string, unknown> & { event_id: string };
type Row = Cells<Cell | null>;

/** kvflow with one real warehouse, called `warehouse`, on a NATS. */
export interface Identifying extends TestKvflow {
  /** Calls identify with the warehouse; the call must work. */
  identify(events: readonly TestEvent[], more?: Partial<IdentifyInput>): Promise<IdentifyOutput>;
  /** The rows of events as they are now: who they are from, by event id. */
  identities(ids: readonly string[], table?: string): Promise<Record<string, string | undefined>>;
  /** A whole row. */
  row(id: string, table?: string): Promise<Row | undefined>;
}

/** What of recognition a test sets; `warehouses` are more of them. */
export interface IdentifyOptions extends Partial<Pick<Parts, 'step' | 'destinations'>> {
  reconcileAfterMs?: number;
  /** Whether answers are held against their schema, which kvflow itself never does. Default: true. */
  validateOutput?: boolean;
  onError?: JoinOptions['onError'];
  remote?: JoinOptions['remote'];
  warehouses?: Record<string, DestinationSettings>;
}

/** A PostgreSQL database as a destination. */
export function postgresAt(url: string): DestinationSettings {
  return { type: 'postgres', url, table: 'events', primaryKeyFields: ['event_id'] };
}

/** Joins a NATS that runs. */
export function joinIdentifying(
  servers: string[],
  warehouse: DestinationSettings,
  {
    reconcileAfterMs = 0,
    warehouses = {},
    validateOutput = true,
    onError,
    remote,
    ...parts
  }: IdentifyOptions = {},
): Identifying {
  let close = async () => {};
  let open: (name: string) => Promise<Destination>;
  const kvflow = joinNats(
    { servers },
    {
      validateOutput,
      ...(onError && { onError }),
      ...(remote && { remote }),
      recognition: kv => {
        const all = { warehouse, ...warehouses };
        const destinations = createDestinations({ destinations: all, kv, dataDir: '/nowhere', takeLock });
        ({ open } = destinations);
        close = destinations.close;
        return { destinations, defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs }, ...parts };
      },
    },
  );
  const read = async (ids: readonly string[], table = 'events'): Promise<(Row | undefined)[]> => {
    const call = soon();
    const destination = await open('warehouse');
    const rows: (Row | undefined)[] = [];
    for (let at = 0; at < ids.length; at += 1_000) {
      const keys = ids.slice(at, at + 1_000).map(event_id => ({ event_id }));
      rows.push(...(await destination.read(call, { table, primaryKeyFields: ['event_id'] }, keys)));
    }
    return rows;
  };
  return {
    ...kvflow,
    identify: async (events, more = {}) =>
      (await kvflow.call('identify', {
        destination: 'warehouse',
        events,
        ...more,
      })) as unknown as IdentifyOutput,
    identities: async (ids, table) => {
      const rows = await read(ids, table);
      return Object.fromEntries(ids.map((id, i) => [id, whoIs(rows[i])]));
    },
    row: async (id, table) => (await read([id], table))[0],
    [Symbol.asyncDispose]: async () => {
      await kvflow.recognition.close();
      await close();
      await kvflow[Symbol.asyncDispose]();
    },
  };
}

/** A NATS and kvflow on it. */
export async function startIdentifying(
  warehouse: DestinationSettings,
  options: IdentifyOptions = {},
): Promise<Identifying & { server: TestNats }> {
  const server = await startNats();
  return { ...endingWith(joinIdentifying([server.url], warehouse, options), server), server };
}

/** `id/email` of a row, `-` where it says nothing; undefined: there is no row. */
export function whoIs(row: Row | undefined): string | undefined {
  return row && `${row.user_id ?? '-'}/${row.user_email ?? '-'}`;
}

/** An event of a visitor; what is given besides are the visitor's id and email. */
export function event(event_id: string, anonymous_id: string, user: object = {}): TestEvent {
  return { event_id, event_type: 'page', user: { anonymous_id, ...user } };
}
