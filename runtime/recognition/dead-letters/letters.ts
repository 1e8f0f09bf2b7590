import { DEAD_BUCKET, EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyDeadListInput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import type { LetterPage, StoredDeadLetter } from '../../core/state/dead-letters.ts';
import {
  bySettings,
  deadKey,
  dropDeadLetters,
  droppable,
  findDeadLetters,
  namedUnreadable,
} from '../../core/state/dead-letters.ts';
import { orEmpty } from '../../core/state/or-empty.ts';
import { orNone } from '../../core/state/or-none.ts';
import { authorizeCallTable, authorizeEventTable } from '../identify.ts';
import type { Answering, CallParts, ReconcileLog } from '../job.ts';
import { decodeToken } from '../keys.ts';
import { runCall } from '../run.ts';
import { readSettings } from '../settings.ts';
import { onceMore } from '../state.ts';
import { scopeTokens } from '../visitors/named.ts';
import { toItems } from '../who/items.ts';
import type { BurySettings } from './bury.ts';
import { SOURCE } from './bury.ts';

const MAX = 1_000;
const PAGE = 100;

/** Which letters. */
type Choice = IdentifyDeadListInput & { limit: number };

/** Lists events that could not be stored. */
export const listDead: Answering<'deadList'> = async (parts, call, input, rights) => {
  const found = await find(parts, call, { ...input, limit: input.limit ?? PAGE }, rights);
  const { letters, cursor } = found;
  return {
    letters: letters.map(
      ({ key, at, destination, table = '', code, message, column, event, by, expiresAt }) => ({
        key,
        at,
        namespace: ownerOf(key).namespace,
        destination,
        table,
        code,
        message,
        ...(column !== undefined && { column }),
        event,
        by,
        ...(expiresAt !== undefined && { expires_at: expiresAt }),
      }),
    ),
    ...namedUnreadable(found),
    ...(cursor !== undefined && { cursor }),
  };
};

/** Gives events to identify once more, as they were given to it the first time. */
export const replayDead: Answering<'deadReplay'> = async (parts, call, input, rights) => {
  const found = await find(parts, call, { ...input, limit: MAX }, rights);
  const { letters, cursor } = found;
  const total = { stored: 0, failed: 0, pending: 0, more: cursor !== undefined };
  for (const group of bySettings(letters)) {
    const { stored, failed, pending } = await replay(parts, call, { letters: group, rights });
    total.stored += stored;
    total.failed += failed;
    total.pending += pending;
  }
  return { ...total, ...namedUnreadable(found), ...(cursor !== undefined && { cursor }) };
};

/** How many letters there are, by destination. */
export async function countDead(kv: CallParts['kv'], call: Call): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const keys = await orEmpty(kv).keys(call, DEAD_BUCKET, `${SOURCE}.>`);
  for (const key of keys) {
    const { destination } = ownerOf(key);
    counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}

/** Gives events up. */
export const dropDead: Answering<'deadDrop'> = async (parts, call, input, rights) => {
  const found = await find(parts, call, { ...input, limit: MAX }, rights);
  const { cursor } = found;
  const dropped = await dropDeadLetters(parts.kv, call, droppable(found, input.code));
  return { dropped, more: cursor !== undefined, ...(cursor !== undefined && { cursor }) };
};

async function replay(
  parts: CallParts,
  call: Call,
  { letters, rights }: { letters: StoredDeadLetter[]; rights: RecognitionRights | undefined },
) {
  const [first] = letters;
  if (!first) return { stored: 0, failed: 0, pending: 0 };
  const { job, at } = first.settings as BurySettings;
  const destination = await parts.destinations.open(job.destination ?? '');
  authorizeCallTable(job.table, destination, rights);
  const settings = readSettings(job);
  const refused = new Set<number>();
  const events = letters.map(({ event }) => event);
  const items = toItems(events, {
    settings,
    at,
    check: event => authorizeEventTable(event, settings.table, { destination, rights }),
    refuse: index => refused.add(index),
  });
  const work = { settings, items, at, destination, mostAnswered: 0 };
  const outcome = await onceMore(parts.buckets, () => runCall(parts, call, work));
  for (const { index } of outcome.failed) if (index !== undefined) refused.add(index);
  // What failed again was written anew with the reason of now; what is pending is kept elsewhere.
  const gone = letters.filter((_, index) => !refused.has(index));
  await dropDeadLetters(parts.kv, call, gone);
  const pending = outcome.pending?.events ?? 0;
  return { stored: Math.max(0, gone.length - pending), failed: refused.size, pending };
}

async function find(
  { kv, buckets }: CallParts,
  call: Call,
  input: Choice,
  rights: RecognitionRights | undefined,
): Promise<LetterPage> {
  const { destination: _one, bucket = EVENTS_BUCKET, namespace: _two, all_namespaces, ...choice } = input;
  const tokens = scopeTokens(input);
  await buckets.ready(call, DEAD_BUCKET);
  const filter = deadKey(SOURCE, tokens.destination, bucket, tokens.namespace, '*');
  const where = `bucket "${bucket}"`;
  // Of all namespaces what is none of the caller's is left out; of one it is refused.
  const wants = all_namespaces ? (key: string) => rights?.mayRead(ownerOf(key)) ?? true : undefined;
  const found = await findDeadLetters(kv, call, { ...choice, filter, where, accepts: isBuried, wants });
  const owners = [...found.letters, ...found.unreadable].map(({ key }) => ownerOf(key).destination);
  for (const name of new Set(owners)) rights?.destination(name);
  return found;
}

/** Whose a letter is, by its key. */
function ownerOf(key: string): { destination: string; namespace: string } {
  const [, destination = '', , namespace = ''] = key.split('.');
  return { destination: decodeToken(destination) ?? '', namespace: decodeToken(namespace) ?? namespace };
}

function isBuried(settings: object): boolean {
  const { job, at } = settings as Partial<BurySettings>;
  return typeof job === 'object' && job !== null && typeof at === 'number';
}

/** Dead letters that end within a day are told. */
const SOON_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const MAX_COUNTED = 1_000;

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
        count >= MAX_COUNTED
          ? `${MAX_COUNTED} or more dead letters`
          : `${count} dead letter${count === 1 ? '' : 's'}`;
      log.warn(
        `recognition: ${some} of ${destination} end within a day, the first at ${first}: identify-dead-list shows why, identify-dead-replay stores them after a repair`,
      );
    }
  };
}

/** By destination. The oldest come first: what is looked at is those that end first, where all have the same window. */
async function countEnding(kv: KvStore, call: Call, now: number): Promise<Map<string, Ending>> {
  const ending = new Map<string, Ending>();
  const range = {
    bucket: DEAD_BUCKET,
    filter: `${SOURCE}.>`,
    startSeq: 0,
    limit: MAX_COUNTED,
    keysOnly: true,
    isLast: true,
  };
  const { entries } = (await orNone(kv.listPage(call, range))) ?? { entries: [] };
  for (const { key, expiresAt } of entries) {
    if (expiresAt === undefined || Date.parse(expiresAt) - now > SOON_MS) continue;
    const destination = decodeToken(key.split('.')[1] ?? '') ?? '';
    const known = ending.get(destination) ?? { count: 0, first: expiresAt };
    const [first = expiresAt] = [expiresAt, known.first].sort();
    ending.set(destination, { count: known.count + 1, first });
  }
  return ending;
}
