import { hash } from 'node:crypto';
import { AUDIT_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { AmendOutcome, Cell, Cells } from '../../core/destinations.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import { unpack } from '../../core/state/pack.ts';
import type { JobContext } from '../identify/job.ts';
import { windowOf } from '../identify/job.ts';
import { auditFilter, auditKey } from '../state/keys.ts';
import { putEach } from '../state/put-all.ts';
import type { AuditEntry, AuditRow, NotedRow } from './audit-format.ts';
import { decodeAudit, encodeAudit, isAudit, toJson } from './audit-format.ts';

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

/** A visitor's audit entries, oldest first. */
export async function readAudit(
  kv: KvStore,
  call: Call,
  { bucket, visitor }: { bucket: string; visitor: string },
): Promise<StoredAudit[]> {
  const keys = await kv.keys(call, AUDIT_BUCKET, auditFilter(bucket, visitor));
  const entries: StoredAudit[] = [];
  for (let at = 0; at < keys.length; at += PAGE) {
    const found = await kv.getMany(call, AUDIT_BUCKET, keys.slice(at, at + PAGE));
    for (const { key, revision, value } of found.filter(isEntry)) {
      const entry = await unpack(value, isAudit);
      if (entry) entries.push({ ...decodeAudit(entry), key, revision });
    }
  }
  return entries.sort((a, b) => a.revision - b.revision);
}
