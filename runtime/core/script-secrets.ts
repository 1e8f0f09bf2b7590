/** Secrets of scripts: encrypted in a bucket of ours, given to scripts by name, and told to nobody. */

import { PackError } from '../../contract/errors.ts';
import { OWN_BUCKETS, SECRETS_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from './call.ts';
import type { FunctionContext } from './define-function.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import { safeToken } from './safe-token.ts';
import type { SecretBox } from './secret-box.ts';
import { sharedLook } from './shared-look.ts';
import { orEmpty } from './state/or-empty.ts';
import { orNone } from './state/or-none.ts';
import { sharedOwnedBucket } from './state/owned-bucket.ts';

/** Whose secrets: of a namespace, or of one script in it. */
export interface SecretOwner {
  namespace: string;
  /** Undefined: every script of the namespace has it. */
  script?: string | undefined;
}

/** Stands where a script's name would: no script is named so. */
const ANY_SCRIPT = '=';
const MAX_REMEMBERED = 1_000;
const MAX_TOGETHER = 1_000;

/** Stores a secret; one of the same name is replaced. Throws UNSUPPORTED where there is no key. */
export async function putSecret(
  ctx: FunctionContext,
  owner: SecretOwner,
  { name, value }: { name: string; value: string },
): Promise<void> {
  const key = secretKey(owner, name);
  const sealed = (await boxOf(ctx)).seal(key, value);
  const bucket = sharedOwnedBucket(ctx.kv, { name: SECRETS_BUCKET, ...OWN_BUCKETS[SECRETS_BUCKET] });
  await bucket.use(ctx, () => ctx.kv.put(ctx, { bucket: SECRETS_BUCKET, key, value: sealed }));
}

/** Names and times, never values. */
export async function listSecrets(
  ctx: FunctionContext,
  owner: SecretOwner,
): Promise<{ name: string; updated_at: string }[]> {
  const keys = await keysOf(ctx, ctx.kv, owner);
  const found = keys.length > 0 ? await orEmpty(ctx.kv).getMany(ctx, SECRETS_BUCKET, keys) : [];
  return found
    .filter(isEntry)
    .map(({ key, createdAt }) => ({ name: nameOf(key), updated_at: createdAt }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Answers whether there was one. */
export async function deleteSecret(ctx: FunctionContext, owner: SecretOwner, name: string): Promise<boolean> {
  const key = secretKey(owner, name);
  const removed = await orNone(ctx.kv.remove(ctx, { bucket: SECRETS_BUCKET, key, operation: 'purge' }));
  return removed !== undefined;
}

/** What scripts are given: the secrets of their namespace, and over them those of the scripts that are named. */
export async function readSecrets(
  ctx: FunctionContext,
  namespace: string,
  scripts: readonly string[],
): Promise<Record<string, string>> {
  const { secrets: box, state = ctx.kv } = await ctx.scripting();
  if (!box) return {};
  const owners: SecretOwner[] = [{ namespace }, ...scripts.map(script => ({ namespace, script }))];
  const known = await knownSecrets(ctx, state, box);
  const id = JSON.stringify([namespace, ...scripts]);
  const before = known.get(id);
  if (before) return before;
  const keys = (await Promise.all(owners.map(owner => keysOf(ctx, state, owner)))).flat();
  const found = await together(ctx, state, keys);
  const secrets = Object.fromEntries(
    found.items
      .filter(isEntry)
      .map(({ key, value }) => [nameOf(key), box.open(key, Buffer.from(value).toString('utf8'))]),
  );
  if (found.isLatest) known.set(id, secrets);
  return secrets;
}

/** What was decrypted while the bucket is as it is now. */
interface SecretMemo {
  box: SecretBox;
  /** What the bucket is at: another after every write, removal and end; undefined: there is none. */
  stamp(call: Call): Promise<string | undefined>;
  at: string | undefined;
  known: Map<string, Record<string, string>>;
}

const memos = new WeakMap<KvStore, SecretMemo>();

/**
 * Secrets that were read before, by who may have them, if the bucket has not changed since. It is looked
 * at for every call, so that a secret that was deleted is given to no call that begins afterwards.
 */
async function knownSecrets(ctx: FunctionContext, kv: KvStore, box: SecretBox): Promise<SecretMemo['known']> {
  let memo = memos.get(kv);
  if (memo?.box !== box) {
    memo = { box, stamp: sharedLook(call => stampOf(call, kv)), at: undefined, known: new Map() };
    memos.set(kv, memo);
  }
  const stamp = await memo.stamp(ctx);
  if (stamp !== memo.at || memo.known.size >= MAX_REMEMBERED) memo.known = new Map();
  memo.at = stamp;
  return memo.known;
}

async function stampOf(call: Call, kv: KvStore): Promise<string | undefined> {
  const info = await orNone(kv.bucketInfo(call, SECRETS_BUCKET, { count: false }));
  return info && `${info.created_at} ${info.last_seq} ${info.bytes}`;
}

/** Only what a replica cannot be behind with may be remembered. */
async function together(ctx: FunctionContext, kv: KvStore, keys: string[]) {
  if (keys.length === 0) return { items: [], isLatest: true };
  if (keys.length <= MAX_TOGETHER) {
    const read = await orUnsupported(orNone(kv.getTogether(ctx, SECRETS_BUCKET, keys)));
    if (read) return { items: read.found, isLatest: read.unreadable.length === 0 };
  }
  return { items: await orEmpty(kv).getMany(ctx, SECRETS_BUCKET, keys), isLatest: false };
}

async function orUnsupported<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PackError && error.code === 'UNSUPPORTED') return undefined;
    throw error;
  }
}

/** The values of all secrets, for what must not contain any. */
export async function allSecrets(ctx: FunctionContext): Promise<{ name: string; value: string }[]> {
  const { secrets: box, state = ctx.kv } = await ctx.scripting();
  if (!box) return [];
  const kv = orEmpty(state);
  const keys = await kv.keys(ctx, SECRETS_BUCKET, '>');
  const found = keys.length > 0 ? await kv.getMany(ctx, SECRETS_BUCKET, keys) : [];
  return found.filter(isEntry).flatMap(({ key, value }) => {
    try {
      return [{ name: nameOf(key), value: box.open(key, Buffer.from(value).toString('utf8')) }];
    } catch {
      // Of another key: it cannot be told apart from any other text.
      return [];
    }
  });
}

async function boxOf(ctx: FunctionContext): Promise<SecretBox> {
  const { secrets } = await ctx.scripting();
  if (secrets) return secrets;
  throw new PackError(
    'UNSUPPORTED',
    'There is no key to encrypt secrets with: set TRANSFORM_SECRETS_KEY to 32 bytes in hexadecimal, such as openssl rand -hex 32 makes.',
  );
}

async function keysOf(ctx: FunctionContext, kv: KvStore, owner: SecretOwner): Promise<string[]> {
  return await orEmpty(kv).keys(ctx, SECRETS_BUCKET, secretKey(owner, '*'));
}

function secretKey({ namespace, script = ANY_SCRIPT }: SecretOwner, name: string): string {
  return `${safeToken(namespace)}.${script}.${name}`;
}

function nameOf(key: string): string {
  return key.split('.').at(-1) ?? '';
}
