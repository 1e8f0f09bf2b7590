import { hash } from 'node:crypto';
import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { DEAD_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { Destinations } from '../../core/destinations.ts';
import { pipelined } from '../../core/pipeline.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { DeadLetter } from '../../core/state/dead-letters.ts';
import { deadKey, putDeadLetter } from '../../core/state/dead-letters.ts';
import { isTooLarge } from '../../core/state/pack.ts';
import type { Failed } from '../job.ts';
import { encodeToken } from '../keys.ts';
import type { JobSettings, ReadSettings } from '../settings.ts';
import { windowOf } from '../settings.ts';
import type { StateBuckets } from '../state.ts';
import { createFitting, onceMore } from '../state.ts';

/** The `source` of identify's dead letters. */
export const SOURCE = 'identify';

/** What replaying a letter takes. */
export interface BurySettings {
  job: JobSettings;
  /** When the event arrived first, in milliseconds since 1970. */
  at: number;
}

/** Where letters go and whose they are. */
interface Burying {
  kv: KvStore;
  destinations: Destinations;
  buckets: StateBuckets;
  settings: ReadSettings;
  at: number;
  /** The call. */
  by: string;
}

/** A dead letter under its key. */
interface Rejected {
  key: string;
  letter: DeadLetter;
}

const IN_FLIGHT = 64;

/**
 * Keeps events that cannot be stored as dead letters, until the window ends. Those that the caller may not store are no
 * letters, and what is left of one that is known by its key alone takes the place of none. Answers those that are too large to be kept.
 */
export async function bury(burying: Burying, call: Call, failed: readonly Failed[]): Promise<Failed[]> {
  const letters = failed.filter(({ event, error }) => event !== undefined && error.code !== 'FORBIDDEN');
  if (letters.length === 0) return [];
  const { lost, rejected } = await onceMore(burying.buckets, () => keepAll(burying, call, letters));
  await writeRejected(burying.destinations, call, burying.settings.destination ?? '', rejected);
  return lost;
}

async function keepAll(
  { kv, buckets, settings, at, by }: Burying,
  call: Call,
  letters: readonly Failed[],
): Promise<{ lost: Failed[]; rejected: Rejected[] }> {
  await buckets.ready(call, DEAD_BUCKET);
  const kept: BurySettings = { job: settings.job, at };
  const { destination = '', bucket, namespace } = settings;
  const lost: Failed[] = [];
  const rejected: Rejected[] = [];
  const fitting = createFitting(() => buckets.mend(call, DEAD_BUCKET));
  await pipelined(letters, IN_FLIGHT, async one => {
    const { event = {}, token = `==${hash('sha256', stringifyExact(event), 'hex')}`, error, isKeyOnly } = one;
    const column = error.details.column;
    const letter: DeadLetter = {
      v: 1,
      source: SOURCE,
      destination,
      table: typeof event.JITSU_TABLE_NAME === 'string' ? event.JITSU_TABLE_NAME : settings.table,
      code: error.code,
      message: error.message,
      ...(typeof column === 'string' && { column }),
      at: new Date().toISOString(),
      by,
      event,
      settings: kept,
    };
    const key = deadKey(SOURCE, encodeToken(destination), bucket, encodeToken(namespace), token);
    try {
      const ttl = windowOf(settings);
      await fitting(() => putDeadLetter(kv, call, { key, letter, ttl, isFirst: isKeyOnly }));
      rejected.push({ key, letter });
    } catch (error) {
      // The letter that is there may have the whole event.
      if (isKeyOnly && error instanceof PackError && error.code === 'REVISION_CONFLICT') return;
      if (!isTooLarge(error)) throw error;
      lost.push(one);
    }
  });
  return { lost, rejected };
}

/**
 * Writes dead letters into the table that their destination names for them (`rejected_table`), made where it is missing: one row for
 * each, however often its event comes. A copy for those who look into the warehouse: where it cannot be written the letters are there all
 * the same, and a row stays when its letter is replayed, dropped, or has ended with its window.
 */
async function writeRejected(
  destinations: Destinations,
  call: Call,
  name: string,
  rejected: readonly Rejected[],
): Promise<void> {
  if (name === '' || rejected.length === 0) return;
  const destination = await destinations.open(name);
  const table = destination.rejectedTable;
  if (table === undefined) return;
  const now = BigInt(Date.now()) * 1_000n;
  const events = rejected.map(one => ({ event: rowOf(one), version: now }));
  await destination.load(call, { table, primaryKeyFields: ['letter'] }, events).catch(() => undefined);
}

function rowOf({ key, letter }: Rejected): Record<string, unknown> {
  const { at, table, code, message, column, by, event } = letter;
  return {
    letter: key,
    rejected_at: at,
    event_table: table,
    code,
    message,
    column_name: column,
    rejected_by: by,
    event: stringifyExact(event),
  };
}
