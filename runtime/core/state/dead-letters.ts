/** The one place and format of what could not be done and is kept until somebody looks at it. */

import { PackError } from '../../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import { DEAD_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../call.ts';
import { pipelined } from '../pipeline.ts';
import type { KvEntry, KvStore } from '../ports.ts';
import { isEntry } from '../ports.ts';
import { orNone } from './or-none.ts';

/** An event that could not be stored or handled. */
export interface DeadLetter {
  /** Version of the format: what a later one means by another is not read by this one. */
  v: 1;
  /** Which part of kvflow it is from, such as `identify`; only that part replays it. */
  source: string;
  /** Where it was to go: a destination, a subject. */
  destination: string;
  /** Of the destination, where it has tables. */
  table?: string;
  /** As it came. */
  event: Readonly<Record<string, unknown>>;
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
}

/** A dead letter with its place. */
export interface StoredDeadLetter extends DeadLetter {
  key: string;
  revision: number;
  /** RFC 3339: when it ends with its window. */
  expiresAt?: string;
}

/** Which letters are asked for. */
export interface LetterChoice {
  /** Of keys: `*` stands for one token. */
  filter: string;
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

/** Keeps a letter for `ttl` nanoseconds; one of the same key is replaced. The bucket must be there. */
export async function putDeadLetter(
  kv: KvStore,
  call: Call,
  { key, letter, ttl }: { key: string; letter: DeadLetter; ttl: number },
): Promise<void> {
  await kv.put(call, { bucket: DEAD_BUCKET, key, value: stringifyExact(letter), ttl });
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
  const { key, where } = choice;
  if (key === undefined) return await pageOf(kv, call, choice);
  const letters = covers(choice.filter, key) ? await readLetters(kv, call, [key]) : [];
  const found = letters.filter(letter => isChosen(letter, choice));
  if (found.length > 0) return { letters: found };
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
  letters: readonly StoredDeadLetter[],
): Promise<number> {
  let dropped = 0;
  await pipelined([...letters], IN_FLIGHT, async ({ key, revision }) => {
    if (await kv.erase(call, { bucket: DEAD_BUCKET, key, upTo: revision })) dropped += 1;
  });
  return dropped;
}

async function pageOf(kv: KvStore, call: Call, choice: LetterChoice): Promise<LetterPage> {
  const { filter, limit, cursor = '' } = choice;
  const all = (await orNone(kv.keys(call, DEAD_BUCKET, filter))) ?? [];
  const keys = all.filter(key => key > cursor).sort();
  const letters: StoredDeadLetter[] = [];
  let read = 0;
  while (read < Math.min(keys.length, READ_MOST) && letters.length < limit) {
    const together = keys.slice(read, read + Math.min(READ_TOGETHER, limit - letters.length));
    const found = await readLetters(kv, call, together);
    letters.push(...found.filter(letter => isChosen(letter, choice)));
    read += together.length;
  }
  const last = keys[read - 1];
  return { letters, ...(read < keys.length && last !== undefined && { cursor: last }) };
}

async function readLetters(kv: KvStore, call: Call, keys: string[]): Promise<StoredDeadLetter[]> {
  const found = (await orNone(kv.getMany(call, DEAD_BUCKET, keys))) ?? [];
  return found.filter(isEntry).map(toLetter);
}

function isChosen(letter: StoredDeadLetter, { code }: LetterChoice): boolean {
  return code === undefined || letter.code === code;
}

/** Whether a key is one of a filter's. */
function covers(filter: string, key: string): boolean {
  const [wanted, tokens] = [filter.split('.'), key.split('.')];
  return (
    wanted.length === tokens.length && wanted.every((token, at) => token === '*' || token === tokens[at])
  );
}

function toLetter({ key, revision, value, expiresAt }: KvEntry): StoredDeadLetter {
  const letter = parseExact(new TextDecoder().decode(value)) as DeadLetter;
  return { ...letter, key, revision, ...(expiresAt && { expiresAt }) };
}
