import { PackError } from '../../../contract/errors.ts';
import { DEAD_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import { decodeToken } from '../event/tokens.ts';
import type { ReconcileLog } from '../parts.ts';
import { SOURCE } from './bury.ts';

/** Dead letters that end within a day are told. */
const SOON_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const PAGE = 1_000;

interface Ending {
  count: number;
  /** When the first of them ends, RFC 3339. */
  first: string;
}

/** Looks for dead letters that are about to end with their window; at most once an hour, as long as it is asked. */
export function createDeadEnding(kv: KvStore, log: ReconcileLog, now = Date.now) {
  let next = 0;
  return async (call: Call): Promise<void> => {
    if (now() < next) return;
    next = now() + EVERY_MS;
    // That it could not be looked is told by whoever needs NATS more.
    const ending = await countEnding(kv, call, now()).catch(() => new Map<string, Ending>());
    for (const [destination, { count, first }] of ending) {
      const some =
        count >= PAGE ? `${PAGE} or more dead letters` : `${count} dead letter${count === 1 ? '' : 's'}`;
      log.warn(
        `recognition: ${some} of ${destination} end within a day, the first at ${first}: identify-dead-list shows why, identify-dead-replay stores them after a repair`,
      );
    }
  };
}

/** By destination. The oldest come first: what is looked at is those that end first, where all have the same window. */
async function countEnding(kv: KvStore, call: Call, now: number): Promise<Map<string, Ending>> {
  const ending = new Map<string, Ending>();
  const { entries } = await kv
    .listPage(call, { bucket: DEAD_BUCKET, filter: `${SOURCE}.>`, startSeq: 0, limit: PAGE, keysOnly: true })
    .catch(nothing);
  for (const { key, expiresAt } of entries) {
    if (expiresAt === undefined || Date.parse(expiresAt) - now > SOON_MS) continue;
    const destination = decodeToken(key.split('.')[1] ?? '') ?? '';
    const known = ending.get(destination) ?? { count: 0, first: expiresAt };
    const [first = expiresAt] = [expiresAt, known.first].sort();
    ending.set(destination, { count: known.count + 1, first });
  }
  return ending;
}

function nothing(error: unknown): { entries: [] } {
  if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return { entries: [] };
  throw error;
}
