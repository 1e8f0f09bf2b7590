import { DEAD_BUCKET, EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type {
  IdentifyDeadDropInput,
  IdentifyDeadDropOutput,
  IdentifyDeadListInput,
  IdentifyDeadListOutput,
  IdentifyDeadReplayInput,
  IdentifyDeadReplayOutput,
} from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
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
import { decodeToken } from '../event/tokens.ts';
import { toItems } from '../identify/items.ts';
import type { CallParts } from '../identify/run-call.ts';
import { runCall } from '../identify/run-call.ts';
import { readSettings } from '../settings.ts';
import { onceMore } from '../state/once-more.ts';
import { authorizeCallTable, authorizeEventTable } from '../table-rights.ts';
import { scopeTokens } from '../visitor/visitors.ts';
import type { BurySettings } from './bury.ts';
import { SOURCE } from './bury.ts';

const MAX = 1_000;
const PAGE = 100;

/** Which letters. */
type Choice = IdentifyDeadListInput & { limit: number };

/** Lists events that could not be stored. */
export async function listDead(
  parts: CallParts,
  call: Call,
  input: IdentifyDeadListInput,
  rights?: RecognitionRights,
): Promise<IdentifyDeadListOutput> {
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
}

/** Gives events to identify once more, as they were given to it the first time. */
export async function replayDead(
  parts: CallParts,
  call: Call,
  input: IdentifyDeadReplayInput,
  rights?: RecognitionRights,
): Promise<IdentifyDeadReplayOutput> {
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
}

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
export async function dropDead(
  parts: CallParts,
  call: Call,
  input: IdentifyDeadDropInput,
  rights?: RecognitionRights,
): Promise<IdentifyDeadDropOutput> {
  const found = await find(parts, call, { ...input, limit: MAX }, rights);
  const { cursor } = found;
  const dropped = await dropDeadLetters(parts.kv, call, droppable(found, input.code));
  return { dropped, more: cursor !== undefined, ...(cursor !== undefined && { cursor }) };
}

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
  const { destination, bucket = EVENTS_BUCKET, namespace: _one, all_namespaces, ...choice } = input;
  if (destination !== undefined) rights?.destination(destination);
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
