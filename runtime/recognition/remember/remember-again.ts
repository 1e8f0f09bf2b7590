import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import type { Call } from '../../core/call.ts';
import { MAX_ROWS } from '../../core/destinations.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { KvPutAnswer } from '../../core/ports/writes.ts';
import { unpack } from '../../core/state/pack.ts';
import { readAudit } from '../amend/audit.ts';
import type { AmendedRow } from '../amend/restore-rows.ts';
import { fromStoredNote, noted } from '../event/event-note.ts';
import { isRemembered } from './remember.ts';

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
  { rows, ...again }: Again & { rows: readonly AmendedRow[] },
): Promise<void> {
  for (let at = 0; at < rows.length; at += MAX_ROWS)
    for (let open = rows.slice(at, at + MAX_ROWS); open.length > 0; )
      open = await rememberSome(kv, call, { ...again, rows: open });
}

/** Answers the rows whose events were remembered, or taken out, in between. */
async function rememberSome(
  kv: KvStore,
  call: Call,
  { rows, bucket, visitor, ttl }: Again & { rows: AmendedRow[] },
): Promise<AmendedRow[]> {
  const keys = rows.map(({ token }) => `${visitor}.${token}`);
  const there = (await kv.getMany(call, bucket, keys)).map(found => (isEntry(found) ? found : undefined));
  const unknown = rows.filter(({ note }, index) => !there[index] && !note);
  if (unknown.length > 0) await findLateNotes(kv, call, { bucket, visitor, rows: unknown });
  const puts = await Promise.all(
    rows.map(async (row, index) => {
      const entry = there[index];
      const value = entry ? await renewed(entry, row) : noted(row, row.note);
      return { key: keys[index] ?? '', value, expectedRevision: entry?.revision ?? 0, ttl };
    }),
  );
  const answers = await kv.putMany(call, bucket, puts);
  return rows.filter((_, index) => isChanged(answers[index]));
}

/** They were taken out just now, and notes of them written before. */
async function findLateNotes(
  kv: KvStore,
  call: Call,
  { bucket, visitor, rows }: Pick<Again, 'bucket' | 'visitor'> & { rows: AmendedRow[] },
): Promise<void> {
  const entries = await readAudit(kv, call, { bucket, visitor });
  for (const row of rows)
    row.note = fromStoredNote(entries.findLast(({ gone }) => gone?.[row.token])?.gone?.[row.token]);
}

/** As it is there, but for when it happened: one that was sent again may not know. */
async function renewed({ value }: KvEntry, row: AmendedRow): Promise<string | Uint8Array> {
  const { note } = row;
  const remembered = await unpack(value, isRemembered);
  if (!remembered) return noted(row, note);
  if (note === undefined || (remembered.at ?? note.at) <= note.at) return value;
  return stringifyExact({ ...remembered, at: note.at });
}

function isChanged(answer: KvPutAnswer | PackError | undefined): boolean {
  if (!(answer instanceof PackError)) return false;
  if (answer.code !== 'REVISION_CONFLICT') throw answer;
  return true;
}
