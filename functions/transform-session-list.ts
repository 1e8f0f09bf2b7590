import { invalidField } from '../contract/errors.ts';
import { readSessionKey, sessionToken } from '../contract/session-key.ts';
import type { TransformSessionListInput, TransformSessionListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keysBehind } from '../runtime/core/key-cursor.ts';
import { newestLive } from '../runtime/core/newest-live.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import { mayUseNamespace } from '../runtime/core/principal.ts';
import { orEmpty } from '../runtime/core/state/or-empty.ts';

const PAGE = 100;
/** A longer value is told by its size. */
const MAX_BYTES = 16 * 1024;

type Listed = TransformSessionListOutput['sessions'][number];

export default defineFunction<TransformSessionListInput, TransformSessionListOutput>({
  async run(input, ctx) {
    const { kv: store, bucket: usual } = await ctx.scripting();
    // The bucket is made when a script first keeps something.
    const kv = orEmpty(store);
    const { kv_bucket: bucket = usual, stored_key: only, limit = PAGE, cursor, order } = input;
    const filter = filterOf(input);
    const text = (input.contains ?? '').toLowerCase();
    const isMine = (key: string) => mayUseNamespace(ctx.principal, readSessionKey(key).namespace);
    const fits = (key: string) => readSessionKey(key).key.toLowerCase().includes(text);
    if (only !== undefined) {
      const entries = isMine(only) ? await kv.getMany(ctx, bucket, [only]) : [];
      const sessions = entries.filter(isEntry).map(entry => toSession(entry, true));
      return { bucket, sessions, total: sessions.length };
    }
    const all = (await kv.keys(ctx, bucket, filter)).filter(isMine);
    const about = { bucket, total: all.length, ...(input.all_namespaces && { namespaces: counted(all) }) };
    const read = (entry: KvEntry) => toSession(entry);
    if (order === 'newest') {
      const wants = (key: string) => isMine(key) && fits(key);
      const { rows, ...more } = await newestLive(kv, ctx, { bucket, filter, limit, cursor, wants, read });
      return { ...about, sessions: rows, ...more };
    }
    const keys = keysBehind(all, filter, cursor).filter(fits);
    const page = keys.slice(0, limit);
    const found = page.length > 0 ? await kv.getMany(ctx, bucket, page) : [];
    const last = page.at(-1);
    return {
      ...about,
      sessions: found.filter(isEntry).map(entry => toSession(entry)),
      ...(keys.length > page.length && last !== undefined && { cursor: last }),
    };
  },
});

function filterOf({ namespace, all_namespaces }: TransformSessionListInput): string {
  if (!all_namespaces) return `${sessionToken(namespace ?? 'default')}.>`;
  if (namespace === undefined) return '>';
  throw invalidField('/all_namespaces', 'is of calls that name no namespace; leave one of them out');
}

function counted(keys: readonly string[]): { namespace: string; keys: number }[] {
  const byNamespace = Map.groupBy(keys, key => readSessionKey(key).namespace);
  return [...byNamespace]
    .map(([namespace, own]) => ({ namespace, keys: own.length }))
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

function toSession(entry: KvEntry, withText = false): Listed {
  const { namespace, key, shortened } = readSessionKey(entry.key);
  const size = entry.value.length;
  return {
    namespace,
    key,
    stored_key: entry.key,
    ...(shortened && { shortened }),
    ...(size <= MAX_BYTES && jsonOf(entry.value)),
    ...(withText && { text: new TextDecoder().decode(entry.value) }),
    size,
    revision: entry.revision,
    updated_at: entry.createdAt,
    ...(entry.expiresAt && { expires_at: entry.expiresAt }),
  };
}

/** Nothing where it is no JSON: a script did not write it. */
function jsonOf(bytes: Uint8Array): { value?: unknown } {
  try {
    return { value: JSON.parse(new TextDecoder().decode(bytes)) as unknown };
  } catch {
    return {};
  }
}
