/**
 * What was changed in rows, written down: as JSON, rows that changed alike together, since those of a visitor nearly always do;
 * with notes of their events, which may be gone by the time they are needed.
 */

import { hash } from 'node:crypto';
import { AUDIT_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from '../core/call.ts';
import type { AmendOutcome, Cell, Cells } from '../core/destinations.ts';
import { bigintJson, isBigintRefused } from '../core/json/bigint-json.ts';
import { isEntry } from '../core/ports/items.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import { unpack } from '../core/state/pack.ts';
import { fieldsOf, isListOf, isObject, isText } from './event.ts';
import type { JobContext } from './job.ts';
import { batchesOf } from './job.ts';
import { auditFilter, auditKey } from './keys.ts';
import type { EventNote, StoredNote } from './note.ts';
import { fromStoredNote, toStoredNote } from './note.ts';
import { windowOf } from './settings.ts';
import { putEach } from './state.ts';

/** Rows to write down, of one visitor. */
export interface AuditedRows {
  visitor: string;
  by: string;
  /** Of the visitor's mapping. */
  revision: number;
  rows: NotedRow[];
}

const PAGE = 100;
/** At most three bytes each: so an entry stays under NATS' default limit of 1 MiB. */
const MAX_CHARACTERS = 300_000;

/** What an outcome leaves to be written down; undefined: nothing was changed. */
export function auditRow(outcome: AmendOutcome): AuditRow | undefined {
  if (outcome.state === 'amended') return outcome;
  if (outcome.state !== 'loaded') return undefined;
  const old: Cells<Cell | null> = Object.fromEntries(Object.keys(outcome.new).map(column => [column, null]));
  return { ...outcome, old };
}

/**
 * Writes down what was changed, an entry for each visitor and event that named them; or what is about to be, which is
 * written over where the same is done again.
 */
export async function writeAudit(
  ctx: JobContext,
  changes: readonly AuditedRows[],
  { isIntent = false }: { isIntent?: boolean } = {},
): Promise<void> {
  const at = new Date().toISOString();
  const destination = ctx.settings.destination ?? '';
  const ttl = windowOf(ctx.settings);
  const puts = changes
    .flatMap(change => values(change, { destination, at }))
    .map(({ value, visitor, by, revision, rows }) => {
      const sameAgain = isIntent ? digest(revision, rows) : undefined;
      return { key: auditKey(ctx.settings.bucket, visitor, by, sameAgain), value, ttl };
    });
  if (puts.length === 0) return;
  await putEach(ctx.kv, ctx.call, { bucket: AUDIT_BUCKET, puts });
  await ctx.step(isIntent ? 'intent' : 'audit');
}

interface AuditValue extends AuditedRows {
  value: string;
}

/** The same for the same rows in whatever order: done again, they may come in another. */
function digest(revision: number, rows: readonly NotedRow[]): string {
  const texts = rows.map(({ table, key, old, new: now }) => toJson({ table, key, old, new: now }));
  return hash('sha256', toJson([revision, texts.sort()]), 'hex').slice(0, 16);
}

/** The text of an entry; of several, where one would not fit into a message. */
function values(change: AuditedRows, rest: Pick<AuditEntry, 'destination' | 'at'>): AuditValue[] {
  const { by, rows } = change;
  const value = encodeAudit({ ...rest, by, rows });
  if (value.length <= MAX_CHARACTERS || rows.length === 1) return [{ ...change, value }];
  const middle = Math.ceil(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)].flatMap(half => values({ ...change, rows: half }, rest));
}

/** An audit entry with its place in the bucket. */
export interface StoredAudit extends AuditEntry {
  key: string;
  revision: number;
}

/** A visitor, by its key in the bucket of events. */
export interface VisitorPlace {
  bucket: string;
  visitor: string;
}

/** A visitor's audit entries, oldest first. */
export async function readAudit(
  kv: KvStore,
  call: Call,
  { bucket, visitor }: VisitorPlace,
): Promise<StoredAudit[]> {
  const keys = await kv.keys(call, AUDIT_BUCKET, auditFilter(bucket, visitor));
  const entries: StoredAudit[] = [];
  for (const some of batchesOf(keys, PAGE)) {
    const found = await kv.getMany(call, AUDIT_BUCKET, some);
    for (const { key, revision, value } of found.filter(isEntry)) {
      const entry = await unpack(value, isAudit);
      if (entry) entries.push({ ...decodeAudit(entry), key, revision });
    }
  }
  return entries.sort((a, b) => a.revision - b.revision);
}

/** One row that was amended. */
export interface AuditRow {
  table: string;
  key: Cells;
  old: Cells<Cell | null>;
  new: Cells;
  /** Of its event; missing: the one that the key makes. A number in a column of text makes another, and so does a nested field. */
  token?: string;
}

/** With what is known of its event; missing where only the event's key was read. */
interface NotedRow extends AuditRow {
  note?: EventNote;
}

/** What one identifying event changed, or part of it. */
export interface AuditEntry {
  destination: string;
  by: string;
  /** RFC 3339. */
  at: string;
  rows: AuditRow[];
  /** Of the rows' events, in their order. */
  notes?: (EventNote | undefined)[];
  /** Of events that were taken out of the bucket, by their tokens. */
  gone?: Record<string, StoredNote>;
}

/** Rows of which each held `old` and holds `new`. */
interface Alike extends Omit<AuditRow, 'key' | 'token'> {
  keys: Cells[];
  /** Of their events, in the order of the keys, where they are not those that the keys make. */
  tokens?: (string | null)[];
  /** Of their events, in the order of the keys; missing: of none of them is there one. */
  notes?: StoredNote[];
}

/** An entry as it is stored. */
interface StoredEntry extends Omit<AuditEntry, 'rows' | 'notes'> {
  rows: Alike[];
}

/** The JSON of an entry. */
export function encodeAudit({ rows, ...rest }: Omit<AuditEntry, 'rows'> & { rows: NotedRow[] }): string {
  return toJson({ ...rest, rows: groupsOf(rows) });
}

/** An entry out of its parsed JSON. */
export function decodeAudit({ rows, ...rest }: StoredEntry): AuditEntry {
  const notes = rows.flatMap(({ keys, notes }) => keys.map((_, at) => fromStoredNote(notes?.[at])));
  return {
    ...rest,
    ...(notes.some(Boolean) && { notes }),
    rows: rows.flatMap(({ table, keys, tokens, ...change }) => {
      const old = revived(change.old);
      const now = revived(change.new);
      return keys.map((key, at) => {
        const row = { table, key: revived(key), old, new: now };
        const token = tokens?.[at];
        return token ? { ...row, token } : row;
      });
    }),
  };
}

/** JSON text, integers beyond 2^53 as objects: JSON has none. They are rare, and looking at every value for them is slow. */
export function toJson(value: unknown): string {
  try {
    if (isBigintRefused()) return JSON.stringify(value);
  } catch {
    // There is one.
  }
  return bigintJson(value, big => ({ bigint: String(big) }));
}

function groupsOf(rows: readonly NotedRow[]): Alike[] {
  const groups: Alike[] = [];
  let last: Alike | undefined;
  for (const row of rows) {
    if (!last || !isAlike(last, row)) {
      const { table, old, new: now, note } = row;
      last = { table, old, new: now, keys: [], ...(note && { notes: [] }) };
      groups.push(last);
    }
    last.keys.push(row.key);
    if (row.token) {
      last.tokens ??= [];
      // Those before it that have none are null in JSON.
      last.tokens[last.keys.length - 1] = row.token;
    }
    if (row.note) last.notes?.push(toStoredNote(row.note));
  }
  return groups;
}

function isAlike(a: Alike, b: NotedRow): boolean {
  if (a.table !== b.table || (a.notes === undefined) !== (b.note === undefined)) return false;
  const isSame = a.old === b.old && a.new === b.new;
  return isSame || toJson([a.old, a.new]) === toJson([b.old, b.new]);
}

function revived<T extends Cell | null>(cells: Cells<T>): Cells<T> {
  const all = Object.entries(cells).map(([column, cell]) => {
    const big = typeof cell === 'object' && cell !== null ? (cell as { bigint: string }).bigint : undefined;
    return [column, big === undefined ? cell : BigInt(big)] as const;
  });
  return Object.assign(Object.create(null), Object.fromEntries(all)) as Cells<T>;
}

/** Whether a stored value is an entry. */
export function isAudit(value: unknown): value is StoredEntry {
  const { destination, by, at, rows, gone } = fieldsOf(value);
  return (
    [destination, by, at].every(isText) &&
    isListOf(rows, isStoredRows) &&
    (gone === undefined || (isObject(gone) && Object.values(gone).every(Array.isArray)))
  );
}

function isStoredRows(value: unknown): boolean {
  const { table, keys, old, new: now } = fieldsOf(value);
  return isText(table) && isListOf(keys, isObject) && isObject(old) && isObject(now);
}
