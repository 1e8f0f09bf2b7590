/** Two kvflows over one NATS and one warehouse, with faults of every kind where they are asked for. */
import type { Destination } from '../../../runtime/core/destinations.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import type { MisfitPolicy } from '../../../runtime/warehouses/shared/misfits.ts';
import { openSqlite } from '../../../runtime/warehouses/sqlite/engine.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats } from '../../support/kvflow.ts';
import { partsThatFail } from './failing.ts';
import type { Random } from './history.ts';

/** Where runs are played. */
export interface World {
  kvflows: TestKvflow[];
  destination: Destination;
  table: string;
  /** Events have values that their column does not take. */
  hasValues?: boolean;
  /** What calls say besides. */
  more: object;
  /** Of one fault in so many steps; 0: none. */
  faults: { oneIn: number };
  /** That its table is there. */
  begun?: Promise<void>;
}

/** The kvflows of a world; `random` decides what fails. */
export function worldOn(
  url: string,
  destination: Destination,
  {
    random,
    table,
    more = {},
    hasValues = false,
  }: { random: Random; table: string; more?: object; hasValues?: boolean },
): World & AsyncDisposable {
  const faults = { oneIn: 0 };
  const recognition = partsThatFail(destination, { random, faults });
  const kvflows = [1, 2].map(() => joinNats({ servers: [url] }, { validateOutput: false, recognition }));
  return {
    kvflows,
    destination,
    table,
    hasValues,
    more,
    faults,
    [Symbol.asyncDispose]: async () => {
      for (const kvflow of kvflows) await kvflow[Symbol.asyncDispose]();
    },
  };
}

/** SQLite in memory; `policy` says what becomes of values that their columns do not take. */
export function sqliteInMemory(policy: MisfitPolicy = 'auto') {
  return createLoader({
    name: 'memory',
    type: 'sqlite',
    engine: openSqlite({ file: ':memory:' }),
    locked: (_call, _names, work) => work(),
    table: 'events',
    primaryKeyFields: ['event_id'],
    misfits: { policy, byColumn: new Map() },
  });
}
