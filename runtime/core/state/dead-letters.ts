/** The one place and format of what could not be done and is kept until somebody looks at it. */

import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { DEAD_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../call.ts';
import { covers, keysBehind } from '../key-cursor.ts';
import { pipelined } from '../pipeline.ts';
import type { KvEntry } from '../ports/items.ts';
import { isEntry } from '../ports/items.ts';
import type { KvStore } from '../ports/kv-store.ts';
import { orEmpty } from './or-empty.ts';
import { putPacked, unpack } from './pack.ts';

/** An event that could not be stored or handled. */
export interface DeadLetter {
  /** Version of the format: what a later one means by another is not read by this one. 2: something was left out. */
  v: 1 | 2;
  /** Which part of kvflow it is from, such as `identify`; only that part replays it. */
  source: string;
  /** Where it was to go: a destination, a subject. */
  destination: string;
  /** Of the destination, where it has tables. */
  table?: string;
  /** As it came; where it was no JSON object, its text. */
  event: Readonly<Record<string, unknown>> | string;
  /** Why it could not be stored. */
  code: string;
  message: string;
  /** The column at fault, where one is. */
  column?: string;
  /** RFC 3339: when it was found. */
  at: string;
  /** The call that brought it. */
  by: string;
  /** What its source needs to do it again: plain JSON, of the source alone. */
  settings: unknown;
  /** Too large to be kept, and so empty: it cannot be done again from here. */
  leftOut?: 'event' | 'settings';
}

/** Where a letter, or what stands in the place of one, is stored. */
export interface LetterPlace {
  key: string;
  revision: number;
}

/** A dead letter with its place. */
export interface StoredDeadLetter extends DeadLetter, LetterPlace {
  /** Empty where there is a `text`. */
  event: Readonly<Record<string, unknown>>;
  /** What came, where it was no JSON object. */
  text?: string;
  /** RFC 3339: when it ends with its window. */
  expiresAt?: string;
}

/** Which letters are asked for, and whose they are. */
export interface LetterChoice {
  /** Of keys: `*` stands for one token. */
  filter: string;
  /** Whether its source can do a letter of these settings again; default: any object. */
  accepts?: (settings: object) => boolean;
  /** Whether a letter of that key is looked at; default: any. */
  wants?: ((key: string) => boolean) | undefined;
  /** Only those with this error code. */
  code?: string | undefined;
  /** Only the one of this key. */
  key?: string | undefined;
  /** At most so many. */
  limit: number;
  /** Only those of keys behind it. */
  cursor?: string | undefined;
}

/** Letters in the order of their keys, and the cursor of those behind them, where there may be more. */
export interface LetterPage {
  letters: StoredDeadLetter[];
  /** Records among them that are no letter this kvflow can read, whatever their code. */
  unreadable: LetterPlace[];
  cursor?: string;
}

const IN_FLIGHT = 64;
/** Letters that are read together, and for one page: of many with other codes the next call reads on. */
const READ_TOGETHER = 250;
const READ_MOST = 10_000;

/** Key of a letter: `<source>.<destination>.<bucket>.<namespace>.<what>`, tokens made safe by their source. */
export function deadKey(source: string, ...tokens: string[]): string {
  return [source, ...tokens].join('.');
}

/**
 * Keeps a letter for `ttl` nanoseconds, compressed where it is large; one of the same key is replaced, unless it is to be the first:
 * then it throws REVISION_CONFLICT. The bucket must be there. Throws VALUE_TOO_LARGE.
 */
export async function putDeadLetter(
  kv: KvStore,
  call: Call,
  { key, letter, ttl, isFirst }: { key: string; letter: DeadLetter; ttl: number; isFirst?: true | undefined },
): Promise<void> {
  const expected = isFirst ? { expectedRevision: 0 } : {};
  await putPacked(kv, call, { bucket: DEAD_BUCKET, key, value: stringifyExact(letter), ttl, ...expected });
}

/**
 * The letters of a choice, none where no letter was ever kept. A page may be shorter than `limit` and have a cursor all
 * the same. Throws KEY_NOT_FOUND of a key that is asked for and not `where` it was looked for, such as `bucket "b"`.
 */
export async function findDeadLetters(
  kv: KvStore,
  call: Call,
  choice: LetterChoice & { where: string },
): Promise<LetterPage> {
  const { key, where, filter, wants = () => true } = choice;
  if (key === undefined) return await pageOf(kv, call, choice);
  const found =
    covers(filter, key) && wants(key) ? await readLetters(kv, call, { keys: [key], choice }) : undefined;
  if (found && found.letters.length + found.unreadable.length > 0) return found;
  throw new PackError('KEY_NOT_FOUND', `There is no dead letter ${JSON.stringify(key)} in ${where}.`);
}

/** Letters of calls with the same settings together: they are done again in one. */
export function bySettings(letters: readonly StoredDeadLetter[]): StoredDeadLetter[][] {
  return [...Map.groupBy(letters, ({ settings }) => stringifyExact(settings)).values()];
}

/** Takes letters out, but for those that were written again since; answers how many it took out. */
export async function dropDeadLetters(
  kv: KvStore,
  call: Call,
  letters: readonly LetterPlace[],
): Promise<number> {
  const { erase } = orEmpty(kv);
  let dropped = 0;
  await pipelined([...letters], IN_FLIGHT, async ({ key, revision }) => {
    if (await erase(call, { bucket: DEAD_BUCKET, key, upTo: revision })) dropped += 1;
  });
  return dropped;
}

/** What a caller who drops letters means: of those that cannot be read, all, unless a code is asked for. */
export function droppable({ letters, unreadable }: LetterPage, code: string | undefined): LetterPlace[] {
  return code === undefined ? [...letters, ...unreadable] : letters;
}

/** The keys of records that cannot be read, for an answer that names them where there are any. */
export function namedUnreadable({ unreadable }: LetterPage): { unreadable?: string[] } {
  return unreadable.length > 0 ? { unreadable: unreadable.map(({ key }) => key) } : {};
}

async function pageOf(kv: KvStore, call: Call, choice: LetterChoice): Promise<LetterPage> {
  const { filter, limit, cursor, wants = () => true } = choice;
  const all = await orEmpty(kv).keys(call, DEAD_BUCKET, filter);
  const keys = keysBehind(all.filter(wants), filter, cursor).sort();
  const letters: StoredDeadLetter[] = [];
  const unreadable: LetterPlace[] = [];
  let read = 0;
  while (read < Math.min(keys.length, READ_MOST) && letters.length < limit) {
    const together = keys.slice(read, read + Math.min(READ_TOGETHER, limit - letters.length));
    const found = await readLetters(kv, call, { keys: together, choice });
    letters.push(...found.letters);
    unreadable.push(...found.unreadable);
    read += together.length;
  }
  const last = keys[read - 1];
  return { letters, unreadable, ...(read < keys.length && last !== undefined && { cursor: last }) };
}

async function readLetters(
  kv: KvStore,
  call: Call,
  { keys, choice }: { keys: string[]; choice: LetterChoice },
): Promise<LetterPage> {
  const page: LetterPage = { letters: [], unreadable: [] };
  for (const entry of await orEmpty(kv).getMany(call, DEAD_BUCKET, keys)) {
    if (!isEntry(entry)) continue;
    const letter = await toLetter(entry, choice);
    if (!letter) page.unreadable.push({ key: entry.key, revision: entry.revision });
    else if (choice.code === undefined || letter.code === choice.code) page.letters.push(letter);
  }
  return page;
}

async function toLetter(
  { key, revision, value, expiresAt }: KvEntry,
  { accepts }: LetterChoice,
): Promise<StoredDeadLetter | undefined> {
  const letter = await unpack(value, isLetter);
  if (!letter || accepts?.(letter.settings as object) === false) return undefined;
  const { event, ...rest } = letter;
  const came = typeof event === 'string' ? { event: {}, text: event } : { event };
  return { ...rest, ...came, key, revision, ...(expiresAt && { expiresAt }) };
}

const TEXTS = ['source', 'destination', 'code', 'message', 'at', 'by'] as const;

function isLetter(value: unknown): value is DeadLetter {
  if (!isObject(value)) return false;
  const { v = 1, event, settings, leftOut } = value as Partial<DeadLetter>;
  return (
    (v === 1 || (v === 2 && (leftOut === 'event' || leftOut === 'settings'))) &&
    (isObject(event) || typeof event === 'string') &&
    isObject(settings) &&
    TEXTS.every(name => typeof (value as Partial<DeadLetter>)[name] === 'string')
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
