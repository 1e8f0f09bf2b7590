/** Secrets of scripts: encrypted in a bucket of ours, given to scripts by name, and told to nobody. */

import { PackError } from '../../contract/errors.ts';
import { OWN_BUCKETS, SECRETS_BUCKET } from '../../contract/own-buckets.ts';
import type { FunctionContext } from './define-function.ts';
import type { KvStore } from './ports.ts';
import { isEntry } from './ports.ts';
import { safeToken } from './safe-token.ts';
import type { SecretBox } from './secret-box.ts';
import { orNone } from './state/or-none.ts';
import { ownedBucket } from './state/owned-bucket.ts';

/** Whose secrets: of a namespace, or of one script in it. */
export interface SecretOwner {
  namespace: string;
  /** Undefined: every script of the namespace has it. */
  script?: string | undefined;
}

/** Stands where a script's name would: no script is named so. */
const ANY_SCRIPT = '=';

/** Stores a secret; one of the same name is replaced. Throws UNSUPPORTED where there is no key. */
export async function putSecret(
  ctx: FunctionContext,
  owner: SecretOwner,
  { name, value }: { name: string; value: string },
): Promise<void> {
  const key = secretKey(owner, name);
  const sealed = (await boxOf(ctx)).seal(key, value);
  const bucket = ownedBucket(ctx.kv, { name: SECRETS_BUCKET, ...OWN_BUCKETS[SECRETS_BUCKET] });
  await bucket.use(ctx, () => ctx.kv.put(ctx, { bucket: SECRETS_BUCKET, key, value: sealed }));
}

/** Names and times, never values. */
export async function listSecrets(
  ctx: FunctionContext,
  owner: SecretOwner,
): Promise<{ name: string; updated_at: string }[]> {
  const keys = await keysOf(ctx, ctx.kv, owner);
  const found = keys.length > 0 ? await ctx.kv.getMany(ctx, SECRETS_BUCKET, keys) : [];
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
  const keys = (await Promise.all(owners.map(owner => keysOf(ctx, state, owner)))).flat();
  const found = keys.length > 0 ? await state.getMany(ctx, SECRETS_BUCKET, keys) : [];
  const entries = found.filter(isEntry);
  return Object.fromEntries(
    entries.map(({ key, value }) => [nameOf(key), box.open(key, Buffer.from(value).toString('utf8'))]),
  );
}

/** The values of all secrets, for what must not contain any. */
export async function allSecrets(ctx: FunctionContext): Promise<{ name: string; value: string }[]> {
  const { secrets: box, state = ctx.kv } = await ctx.scripting();
  if (!box) return [];
  const keys = (await orNone(state.keys(ctx, SECRETS_BUCKET, '>'))) ?? [];
  const found = keys.length > 0 ? await state.getMany(ctx, SECRETS_BUCKET, keys) : [];
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
  return (await orNone(kv.keys(ctx, SECRETS_BUCKET, secretKey(owner, '*')))) ?? [];
}

function secretKey({ namespace, script = ANY_SCRIPT }: SecretOwner, name: string): string {
  return `${safeToken(namespace)}.${script}.${name}`;
}

function nameOf(key: string): string {
  return key.split('.').at(-1) ?? '';
}
