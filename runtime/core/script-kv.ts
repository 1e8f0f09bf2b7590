import { createHash } from 'node:crypto';
import { PackError } from '../../contract/errors.ts';
import { SCRIPT_STATE, SCRIPT_STATE_BUCKET } from '../../contract/own-buckets.ts';
import { sessionToken } from '../../contract/session-key.ts';
import type { Call } from './call.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { KvOperation } from './ports/transactions.ts';
import type { ScriptKv, ScriptKvCheck, ScriptKvCommit, ScriptKvEntry, ScriptKvWrite } from './scripts.ts';
import type { OwnedBucket } from './state/owned-bucket.ts';
import { sharedOwnedBucket } from './state/owned-bucket.ts';

/** Where a script's keys are. */
export interface ScriptKvPlace {
  kv: KvStore;
  bucket: string;
  /** Keys of different namespaces never meet. */
  namespace: string;
  /** Told that the bucket cannot be used, or not by who calls: no script makes that good by catching it. */
  onRefused?(error: PackError): void;
}

/** The `$kv` of one namespace over a bucket. */
export function createScriptKv(call: Call, { kv, bucket, namespace, onRefused }: ScriptKvPlace): ScriptKv {
  const prefix = `${toToken(namespace)}.`;
  const keyOf = (key: string) => prefix + toToken(key);
  return {
    id: `${bucket} ${namespace}`,
    open: () => (ofScripts(kv, bucket).isReady() ? undefined : watched(async () => undefined)),
    incarnation: () => kv.incarnation(call, bucket),
    get: key => watched(() => get(key)),
    commit: (writes, checks) => watched(() => commit(writes, checks)),
  };

  /** The bucket is made, and the right to it checked, when a script first touches it. */
  async function watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await ofScripts(kv, bucket).use(call, work);
    } catch (error) {
      if (isRefusal(error)) onRefused?.(error);
      throw error;
    }
  }

  async function get(key: string): Promise<ScriptKvEntry | undefined> {
    const found = await kv.get(call, { bucket, key: keyOf(key), isOwn: true });
    if (!found) return undefined;
    if (!isEntry(found)) return { json: undefined, revision: found.revision };
    const expiresAt = found.expiresAt === undefined ? undefined : Date.parse(found.expiresAt);
    return { json: Buffer.from(found.value).toString('utf8'), revision: found.revision, expiresAt };
  }

  /** One commit; of a single key that is all the event touched, the port makes a compare-and-set. */
  async function commit(writes: ScriptKvWrite[], checks: ScriptKvCheck[] = []): Promise<ScriptKvCommit> {
    try {
      const { results } = await kv.transact(call, {
        bucket,
        isOwn: true,
        checks: checks.map(({ key, revision }) => ({ key: keyOf(key), revision })),
        operations: writes.map(toOperation),
      });
      return { ok: true, revisions: new Map(writes.map(({ key }, at) => [key, results[at]?.revision ?? 0])) };
    } catch (error) {
      if (!(error instanceof PackError) || error.code !== 'REVISION_CONFLICT') throw error;
      const { conflicts = [] } = error.details as { conflicts?: { key: string }[] };
      const broken = new Set(conflicts.map(({ key }) => key));
      return {
        ok: false,
        keys: [...checks, ...writes].map(({ key }) => key).filter(key => broken.has(keyOf(key))),
      };
    }
  }

  function toOperation({ key, json, ttlMs, expected }: ScriptKvWrite): KvOperation {
    const operation: KvOperation =
      json === null ? { op: 'delete', key: keyOf(key) } : { op: 'put', key: keyOf(key), value: json };
    if (expected !== undefined) operation.expectedRevision = expected;
    if (operation.op === 'put' && ttlMs > 0) operation.ttl = Math.round(ttlMs * 1_000_000);
    return operation;
  }
}

function isRefusal(error: unknown): error is PackError {
  if (!(error instanceof PackError)) return false;
  if (error.code === 'UNSUPPORTED') return error.details.needs !== undefined;
  return error.code === 'FORBIDDEN' || error.errors?.[0]?.pointer === '/kv_bucket';
}

/** Namespace and key together stay within the 1024 bytes of a bucket's key. */
const MAX_TOKEN_BYTES = 500;
const SHOWN = 100;

/** Any text as one token of a key: without dots, never empty, and a long one told by its hash. */
function toToken(text: string): string {
  const token = sessionToken(text);
  // Few are so long that it depends on what their characters take.
  if (token.length * 3 <= MAX_TOKEN_BYTES || Buffer.byteLength(token) <= MAX_TOKEN_BYTES) return token;
  return `${token.slice(0, SHOWN)}~${createHash('sha256').update(text).digest('hex')}`;
}

/** Makes the bucket of `$kv` if it is not there: a ttl per key, no history, any text as a key. Asks once. */
export async function ensureScriptBucket(call: Call, kv: KvStore, bucket: string): Promise<void> {
  await ofScripts(kv, bucket).ready(call);
}

function ofScripts(kv: KvStore, bucket: string): OwnedBucket {
  const isOurs = bucket === SCRIPT_STATE_BUCKET;
  return sharedOwnedBucket(kv, { name: bucket, pointer: '/kv_bucket', isOurs, ...SCRIPT_STATE });
}
