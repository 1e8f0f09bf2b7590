import { PackError } from '../../contract/errors.ts';
import { stringifyExact } from '../../contract/exact-json.ts';
import type { Call } from '../core/call.ts';
import { pipelined } from '../core/pipeline.ts';
import type { KvEntry } from '../core/ports/items.ts';
import { isEntry } from '../core/ports/items.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import { readAudit } from './audit.ts';
import type { EventNote } from './event-note.ts';
import { fromStoredNote, noted } from './event-note.ts';
import { unpack } from './pack.ts';
import { isRemembered } from './remember.ts';
import type { AmendedRow } from './restore-rows.ts';

const IN_FLIGHT = 64;

/** Where rows are remembered again, and for how many nanoseconds. */
export interface Again {
  bucket: string;
  visitor: string;
  ttl: number;
}

/**
 * Remembers events of rows that were set back, so that whoever is their user now finds them: by their keys and notes, or, where
 * an event is still there, as it is; anew, as it may be in a queue of those to be taken out.
 */
export async function rememberAgain(
  kv: KvStore,
  call: Call,
  { rows, bucket, visitor, ttl }: Again & { rows: readonly AmendedRow[] },
): Promise<void> {
  await pipelined(rows, IN_FLIGHT, async row => {
    const key = `${visitor}.${row.token}`;
    for (let isWritten = false; !isWritten; ) {
      const before = await kv.get(call, { bucket, key });
      const there = isEntry(before) ? before : undefined;
      if (!there) row.note ??= await lateNote(kv, call, { bucket, visitor, token: row.token });
      const value = there ? await renewed(there, row) : noted(row, row.note);
      const write = { bucket, key, value, expectedRevision: there?.revision ?? 0, ttl };
      isWritten = await kv.put(call, write).then(() => true, ifChanged);
    }
  });
}

/** It was taken out just now, and a note of it written before. */
async function lateNote(
  kv: KvStore,
  call: Call,
  { bucket, visitor, token }: Pick<Again, 'bucket' | 'visitor'> & { token: string },
): Promise<EventNote | undefined> {
  const entries = await readAudit(kv, call, { bucket, visitor });
  return fromStoredNote(entries.findLast(({ gone }) => gone?.[token])?.gone?.[token]);
}

/** As it is there, but for when it happened: one that was sent again may not know. */
async function renewed({ value }: KvEntry, row: AmendedRow): Promise<string | Uint8Array> {
  const { note } = row;
  const remembered = await unpack(value, isRemembered);
  if (!remembered) return noted(row, note);
  if (note === undefined || (remembered.at ?? note.at) <= note.at) return value;
  return stringifyExact({ ...remembered, at: note.at });
}

/** It was remembered, or taken out, in between. */
function ifChanged(error: unknown): false {
  if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return false;
  throw error;
}
