import { AUDIT_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { StoredNote } from '../event/event-note.ts';
import { noteOf, toStoredNote } from '../event/event-note.ts';
import { windowOf } from '../identify/job.ts';
import type { ReadSettings } from '../settings.ts';
import { auditKey } from '../state/keys.ts';
import { putEach } from '../state/put-all.ts';
import type { Eviction } from './evictions.ts';
import { toListed } from './remember.ts';

/** In the place of the event that named the visitor; no such token has small letters after `=`. */
const GONE = '=gone';
const WITHIN_MS = 10_000;

/** Writes down when events happened that are about to be taken out, an entry for each visitor. */
export async function noteGone(kv: KvStore, evictions: readonly Eviction[]): Promise<void> {
  const call = { deadline: Date.now() + WITHIN_MS };
  const at = new Date().toISOString();
  for (const [settings, some] of Map.groupBy(evictions, ({ noteFor }) => noteFor)) {
    if (!settings) continue;
    const { bucket, destination = '' } = settings;
    const notes = await notesOf({ kv, call, settings }, some);
    const puts = [...notes].map(([visitor, gone]) => {
      const entry = { destination, by: GONE, at, rows: [], gone: Object.fromEntries(gone) };
      return {
        key: auditKey(bucket, visitor, GONE),
        value: JSON.stringify(entry),
        ttl: windowOf(settings),
      };
    });
    await putEach(kv, call, { bucket: AUDIT_BUCKET, puts });
  }
}

/** By visitor, then by token. */
async function notesOf(
  { kv, call, settings }: { kv: KvStore; call: Call; settings: ReadSettings },
  evictions: readonly Eviction[],
): Promise<Map<string, [string, StoredNote][]>> {
  const keys = evictions.map(({ key }) => key);
  const found = await kv.getMany(call, settings.bucket, keys);
  const notes = new Map<string, [string, StoredNote][]>();
  for (const entry of found.filter(isEntry)) {
    const visitor = entry.key.slice(0, entry.key.lastIndexOf('.'));
    const listed = await toListed(visitor, entry);
    const note = listed && noteOf(listed.remembered, settings);
    if (!note) continue;
    const others = notes.get(visitor) ?? [];
    others.push([listed.token, toStoredNote(note)]);
    notes.set(visitor, others);
  }
  return notes;
}
