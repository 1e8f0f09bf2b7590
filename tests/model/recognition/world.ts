/** Two kvflows over one NATS and one warehouse, with faults of every kind where they are asked for. */
import { PackError } from '../../../contract/errors.ts';
import { LOCKS_BUCKET } from '../../../contract/own-buckets.ts';
import type { Destination } from '../../../runtime/core/destinations.ts';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import type { MisfitPolicy } from '../../../runtime/warehouses/shared/misfits.ts';
import { openSqlite } from '../../../runtime/warehouses/sqlite/engine.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats } from '../../support/kvflow.ts';
import { memoryDestinations } from '../../support/warehouses/memory.ts';
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
  const fails = () => faults.oneIn > 0 && random(faults.oneIn) === 0;
  const faulty = memoryDestinations(failing(destination, fails, LOST_WAREHOUSE));
  const kvflows = [1, 2].map(() =>
    joinNats(
      { servers: [url] },
      {
        validateOutput: false,
        recognition: kv => ({
          kv: failing(kv, fails, LOST_NATS),
          destinations: faulty,
          defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
          step: () => {
            if (fails()) throw new Error('killed');
          },
        }),
      },
    ),
  );
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

const LOST_WAREHOUSE = { methods: ['load', 'amend', 'dryRun', 'restore', 'read'], what: 'the warehouse' };
const LOST_NATS = { methods: ['put', 'get', 'getMany', 'keys', 'erase'], what: 'NATS' };

/** Some calls fail before they were done, some after: nobody knows which. */
function failing<T extends Destination | KvStore>(
  target: T,
  fails: () => boolean,
  { methods, what }: { methods: string[]; what: string },
): T {
  const lost = () => new PackError('UNAVAILABLE', `${what} is away`, { retryable: true });
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function' || !methods.includes(String(name))) return member;
      return async (...args: unknown[]) => {
        // A claim that is left holds for a minute.
        if (isOfLocks(args[1])) return await Reflect.apply(member, object, args);
        if (fails()) throw lost();
        const answer: unknown = await Reflect.apply(member, object, args);
        if (fails()) throw lost();
        return answer;
      };
    },
  });
}

function isOfLocks(argument: unknown): boolean {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    'bucket' in argument &&
    argument.bucket === LOCKS_BUCKET
  );
}
