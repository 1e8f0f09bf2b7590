import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../../runtime/core/call.ts';
import type {
  AmendConflict,
  AmendOutcome,
  AmendRow,
  Cell,
  Cells,
  Destination,
  Destinations,
  IdentityValue,
  LoadEvent,
  RestoreRow,
  TableTarget,
} from '../../../runtime/core/destinations.ts';

type Row = Cells<Cell | null>;

/** A warehouse in memory that keeps the contract: for tests of recognition itself. */
export interface MemoryDestination extends Destination {
  /** Tables with their rows by primary key. */
  readonly tables: Map<string, Map<string, Row>>;
  /** How many requests of each kind there were. */
  readonly requests: Record<'load' | 'amend' | 'dryRun' | 'restore' | 'read', number>;
  /** While set, every request fails with it. */
  fault: PackError | undefined;
  /** Refuses single events. */
  refuse: (event: Readonly<Record<string, unknown>>) => PackError | undefined;
  row(table: string, key: string): Row | undefined;
}

/** Makes one. */
export function memoryDestination(name = 'memory', defaults: Partial<TableTarget> = {}): MemoryDestination {
  const tables = new Map<string, Map<string, Row>>();
  const requests = { load: 0, amend: 0, dryRun: 0, restore: 0, read: 0 };
  const tableOf = (table: string) => {
    const rows = tables.get(table) ?? new Map<string, Row>();
    tables.set(table, rows);
    return rows;
  };
  const begin = async (kind: keyof typeof requests) => {
    await new Promise(resolve => setImmediate(resolve));
    if (destination.fault) throw destination.fault;
    requests[kind] += 1;
  };
  const destination: MemoryDestination = {
    name,
    type: 'memory',
    table: defaults.table ?? 'events',
    primaryKeyFields: defaults.primaryKeyFields ?? ['event_id'],
    tables,
    requests,
    fault: undefined,
    refuse: () => undefined,
    row: (table, key) => tables.get(table)?.get(key),
    load,
    amend,
    dryRun,
    restore,
    read,
    check: async () => [],
  };
  return destination;

  async function load(_: Call, target: TableTarget, events: readonly LoadEvent[]) {
    await begin('load');
    return events.map(({ event }) => {
      const error = destination.refuse(event);
      if (!error) upsert(target, event);
      return error;
    });
  }

  async function amend(
    _: Call,
    target: TableTarget & { conflict: AmendConflict },
    rows: readonly AmendRow[],
  ): Promise<AmendOutcome[]> {
    await begin('amend');
    return rows.map(({ event, identity, keyOnly }) => {
      const error = destination.refuse(event);
      if (error) return { state: 'failed', error };
      const { table, id } = placeOf(target, event);
      if (keyOnly && !tableOf(table).has(id)) return { state: 'missing' };
      return amendOne(target, event, identity);
    });
  }

  async function dryRun(
    _: Call,
    target: TableTarget & { conflict: AmendConflict },
    rows: readonly AmendRow[],
  ): Promise<AmendOutcome[]> {
    await begin('dryRun');
    return rows.map(({ event, identity }) => {
      const { table, id } = placeOf(target, event);
      const isThere = tableOf(table).has(id);
      return isThere ? amendOne(target, event, identity, { isPlanned: true }) : { state: 'missing' };
    });
  }

  function amendOne(
    target: TableTarget & { conflict: AmendConflict },
    event: LoadEvent['event'],
    identity: readonly IdentityValue[],
    { isPlanned = false }: { isPlanned?: boolean } = {},
  ): AmendOutcome {
    const { table, id, key } = placeOf(target, event);
    const wanted: Cells = Object.fromEntries(identity.map(({ path, value }) => [columnOf(path), value]));
    const row = tableOf(table).get(id);
    if (!row) {
      Object.assign(upsert(target, event), wanted);
      return { state: 'loaded', table, key, new: wanted };
    }
    const unchanged: AmendOutcome = { state: 'unchanged', row: { table, key, new: wanted } };
    const columns = Object.keys(wanted);
    const there = columns.map(column => row[column] ?? null);
    if (target.conflict === 'skip' && there.some(value => value !== null)) return unchanged;
    const contradicts = columns.some((column, i) => there[i] !== null && there[i] !== wanted[column]);
    if (target.conflict === 'fill' && contradicts) return unchanged;
    const changing = columns.filter(column => (row[column] ?? null) !== wanted[column]);
    if (changing.length === 0) return unchanged;
    const old = Object.fromEntries(changing.map(column => [column, row[column] ?? null]));
    const now = Object.fromEntries(changing.map(column => [column, wanted[column] ?? '']));
    if (!isPlanned) Object.assign(row, now);
    return { state: 'amended', table, key, old, new: now };
  }

  async function restore(_: Call, rows: readonly RestoreRow[]): Promise<boolean[]> {
    await begin('restore');
    return rows.map(({ table, key, columns }) => {
      const row = tableOf(table).get(idOf(Object.values(key)));
      const changing = Object.entries(columns).filter(([column, { from }]) => row?.[column] === from);
      for (const [column, { to }] of changing) if (row) row[column] = to;
      return changing.length > 0;
    });
  }

  async function read(_: Call, { table }: TableTarget, keys: readonly Cells[]) {
    await begin('read');
    return keys.map(key => tableOf(table).get(idOf(Object.values(key))));
  }

  function upsert(target: TableTarget, event: LoadEvent['event']): Row {
    const { table, id } = placeOf(target, event);
    const row = tableOf(table).get(id) ?? {};
    tableOf(table).set(id, row);
    for (const [column, value] of flatten(event)) row[column] = value;
    return row;
  }
}

/** The destinations of a test. */
export function memoryDestinations(...all: Destination[]): Destinations {
  return {
    names: all.map(({ name }) => name).sort(),
    open: async name => {
      const found = all.find(destination => destination.name === name);
      if (!found) throw new PackError('DESTINATION_NOT_FOUND', `There is no destination "${name}".`);
      return found;
    },
  };
}

/** What a warehouse that cannot be reached says. */
export function warehouseAway(): PackError {
  return new PackError('UNAVAILABLE', 'The warehouse is out of reach.');
}

function placeOf({ table, primaryKeyFields }: TableTarget, event: LoadEvent['event']) {
  const row = new Map(flatten(event));
  const key = Object.fromEntries(
    primaryKeyFields.map(field => {
      const column = columnOf(field.replace(/^\//, '').split('/'));
      return [column, row.get(column) ?? ''];
    }),
  );
  const own = event.JITSU_TABLE_NAME;
  return { table: typeof own === 'string' ? own : table, id: idOf(Object.values(key)), key };
}

function idOf(values: (Cell | null)[]): string {
  return values.map(String).join('/');
}

function flatten(event: Readonly<Record<string, unknown>>, path: string[] = []): [string, Cell][] {
  return Object.entries(event).flatMap(([key, value]): [string, Cell][] => {
    if (value === null || key === 'JITSU_TABLE_NAME') return [];
    if (Array.isArray(value)) return [[columnOf([...path, key]), JSON.stringify(value)]];
    if (typeof value === 'object') return flatten(value as Record<string, unknown>, [...path, key]);
    return [[columnOf([...path, key]), value as Cell]];
  });
}

function columnOf(path: readonly string[]): string {
  return path
    .join('_')
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_');
}
