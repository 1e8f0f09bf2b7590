import { PackError } from '../../contract/errors.ts';
import { AUDIT_BUCKET, EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { IdentifyUndoInput, IdentifyUndoOutput } from '../../contract/types.gen.ts';
import type { Call } from '../core/call.ts';
import type { Cell, Cells, RestoreRow } from '../core/destinations.ts';
import { MOST_ROWS } from '../core/destinations.ts';
import { pipelined } from '../core/pipeline.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import { readAudit } from './audit.ts';
import type { AuditEntry } from './audit-format.ts';
import { toJson } from './audit-format.ts';
import type { StateBuckets } from './buckets.ts';
import { eventKey, keyTagOf } from './event-key.ts';
import { auditFilter } from './keys.ts';
import { shortToken } from './logins.ts';
import { asSaid, toMapping } from './mapping.ts';
import type { Parts } from './parts.ts';
import { decodeToken, encodeToken } from './tokens.ts';
import { versionsOf } from './version.ts';

const IN_FLIGHT = 64;

/** What undoing works with. */
export interface UndoParts extends Parts {
  buckets: StateBuckets;
}

/**
 * Sets back what was amended for a visitor, and forgets who that is: in this order a second try, after a crash or while
 * the warehouse is away, finds all it needs.
 */
export async function undo(
  parts: UndoParts,
  call: Call,
  input: IdentifyUndoInput,
  rights?: RecognitionRights,
): Promise<IdentifyUndoOutput> {
  if (input.destination !== undefined) rights?.destination(input.destination);
  const bucket = input.bucket ?? EVENTS_BUCKET;
  const createdAt = await parts.buckets.ready(call, bucket);
  await parts.buckets.ready(call, AUDIT_BUCKET);
  const total = { restored: 0, unchanged: 0, forgotten: 0 };
  const visitors = await visitorsOf(parts, call, { ...input, bucket });
  // The second token of a visitor is its destination; without one nothing is in a warehouse.
  const named = visitors.map(visitor => decodeToken(visitor.split('.')[1] ?? '') ?? '');
  for (const name of new Set(named)) if (name !== '') rights?.destination(name);
  for (const visitor of visitors) {
    const at = { bucket, visitor, createdAt };
    const { restored, unchanged } = await undoVisitor(parts, call, at);
    total.restored += restored;
    total.unchanged += unchanged;
    total.forgotten += 1;
  }
  return total;
}

interface VisitorAt {
  bucket: string;
  visitor: string;
  createdAt: string;
}

async function undoVisitor(parts: UndoParts, call: Call, { bucket, visitor, createdAt }: VisitorAt) {
  const { kv } = parts;
  // An empty mapping, not none: its revision orders what is restored between the amendments before and after.
  const undone = await undoneOf(kv, call, { bucket, visitor });
  const nobody = { identity: [], by: '', at: Date.now(), logins: [], undone };
  const ttl = parts.defaults.lookbackMinutes * 60_000_000_000;
  const { revision } = await kv.put(call, { bucket, key: visitor, value: JSON.stringify(nobody), ttl });
  const version = versionsOf(createdAt).amend(revision, 0);
  const entries = await readAudit(kv, call, { bucket, visitor });
  const destination = entries[0]?.destination;
  let restored = 0;
  let unchanged = 0;
  if (destination !== undefined) {
    const rows = toRestore(entries, version);
    const warehouse = await parts.destinations.open(destination);
    for (let at = 0; at < rows.length; at += MOST_ROWS) {
      const answers = await warehouse.restore(call, rows.slice(at, at + MOST_ROWS));
      restored += answers.filter(Boolean).length;
      unchanged += answers.filter(answer => !answer).length;
    }
    const keys = rows.map(({ table, key }) => ({ table, key }));
    await rememberAgain(parts, call, { bucket, visitor, ttl, keys, usual: warehouse.primaryKeyFields });
    await pipelined(entries, IN_FLIGHT, async entry => {
      await kv.erase(call, { bucket: AUDIT_BUCKET, key: entry.key, upTo: entry.revision });
    });
  }
  return { restored, unchanged };
}

/** What named the visitor until now: sent again, it says nothing. */
async function undoneOf(
  kv: UndoParts['kv'],
  call: Call,
  { bucket, visitor }: Pick<VisitorAt, 'bucket' | 'visitor'>,
): Promise<string[]> {
  const mapping = await toMapping(await kv.get(call, { bucket, key: visitor }));
  if (!mapping) return [];
  const tokens = asSaid(mapping).map(({ by }) => shortToken(by));
  return [...new Set([...(mapping.undone ?? []), ...(mapping.seen ?? []), ...tokens])].slice(-MOST_UNDONE);
}

/** More were undone too long ago to be sent again. */
const MOST_UNDONE = 256;

interface Again {
  bucket: string;
  visitor: string;
  ttl: number;
  keys: Pick<RestoreRow, 'table' | 'key'>[];
  /** The primary key that the destination has in kvflow.yaml. */
  usual: readonly string[] | undefined;
}

/** The rows that were set back are remembered again by their keys, so that the right user's login finds them. */
async function rememberAgain(
  { kv }: UndoParts,
  call: Call,
  { bucket, visitor, ttl, keys, usual }: Again,
): Promise<void> {
  await pipelined(keys, IN_FLIGHT, async ({ table, key: event }) => {
    const fields = usual?.length === Object.keys(event).length ? [...usual] : Object.keys(event);
    const known = fields.every(field => isField(event, field)) ? fields : Object.keys(event);
    const settings = { table, primaryKeyFields: known, keyTag: keyTagOf(known, usual) };
    const json = toJson(event);
    const token = eventKey(JSON.parse(json), json, settings);
    const value = JSON.stringify({
      table,
      primary_key_fields: known,
      event: JSON.parse(json),
      key_only: true,
    });
    // What is still remembered says more.
    await kv
      .put(call, { bucket, key: `${visitor}.${token}`, value, expectedRevision: 0, ttl })
      .catch(ignoreConflict);
  });
}

function isField(event: Cells, field: string): boolean {
  return !field.startsWith('/') && Object.hasOwn(event, field);
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof PackError && error.code === 'REVISION_CONFLICT')) throw error;
}

/** The visitor in each destination that knows it, or in the one that is named. */
async function visitorsOf(
  { kv }: UndoParts,
  call: Call,
  { anonymous_id, namespace = 'default', destination, bucket }: IdentifyUndoInput & { bucket: string },
): Promise<string[]> {
  const where = destination === undefined ? '*' : encodeToken(destination);
  const pattern = `${encodeToken(namespace)}.${where}.${encodeToken(anonymous_id)}`;
  const [known, audited] = await Promise.all([
    kv.keys(call, bucket, pattern),
    kv.keys(call, AUDIT_BUCKET, auditFilter(bucket, pattern)),
  ]);
  return [...new Set([...known, ...audited.map(key => key.split('.').slice(1, 4).join('.'))])];
}

/** One row for each that was amended: from what was written last to what stood there first. */
function toRestore(entries: readonly AuditEntry[], version: bigint): RestoreRow[] {
  const rows = new Map<string, RestoreRow>();
  for (const { rows: changed } of entries.toReversed()) {
    for (const { table, key, old, new: now } of changed) {
      const name = JSON.stringify([
        table,
        Object.entries(key).map(([column, cell]) => [column, String(cell)]),
      ]);
      const row = rows.get(name) ?? { table, key, columns: Object.create(null), version };
      rows.set(name, row);
      for (const column of Object.keys(now))
        chain(row.columns, column, { from: now[column], to: old[column] });
    }
  }
  return [...rows.values()];
}

/** What a later amendment found there is what an earlier one wrote. */
function chain(
  columns: RestoreRow['columns'],
  column: string,
  { from, to = null }: { from: Cell | undefined; to: Cells<Cell | null>[string] | undefined },
): void {
  const later = columns[column];
  if (from === undefined) return;
  if (!later) columns[column] = { from, to };
  else if (later.to === from) columns[column] = { from: later.from, to };
}
