import { PackError } from '../../../contract/errors.ts';
import { AUDIT_BUCKET, EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyUndoInput, IdentifyUndoOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { MAX_ROWS } from '../../core/destinations.ts';
import { pipelined } from '../../core/pipeline.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { readAudit } from '../amend/audit.ts';
import { amendedRows, restoreTurns } from '../amend/restore-rows.ts';
import { versionsOf } from '../amend/version.ts';
import type { Parts } from '../parts.ts';
import type { Again } from '../remember/remember-again.ts';
import { rememberAgain } from '../remember/remember-again.ts';
import type { StateBuckets } from '../state/buckets.ts';
import { onceMore } from '../state/once-more.ts';
import { asSaid, toMapping } from '../visitor/mapping.ts';
import { undoLogins } from '../visitor/undone.ts';
import { authorizeVisitors, visitorsOf } from '../visitor/visitors.ts';

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
  await Promise.all([parts.buckets.ready(call, bucket), parts.buckets.ready(call, AUDIT_BUCKET)]);
  const total = { restored: 0, unchanged: 0, forgotten: 0 };
  const visitors = await visitorsOf(parts.kv, call, { ...input, bucket });
  authorizeVisitors(visitors, rights);
  for (const visitor of visitors) {
    const { restored, unchanged, wasKnown } = await onceMore(parts.buckets, () =>
      undoVisitor(parts, call, { bucket, visitor }),
    );
    total.restored += restored;
    total.unchanged += unchanged;
    if (wasKnown) total.forgotten += 1;
  }
  return total;
}

async function undoVisitor(
  parts: UndoParts,
  call: Call,
  { bucket, visitor }: { bucket: string; visitor: string },
) {
  const { kv } = parts;
  const createdAt = await parts.buckets.ready(call, bucket);
  const ttl = parts.defaults.lookbackMinutes * 60_000_000_000;
  const { revision, hadIdentity } = await forgetUser(kv, call, { bucket, visitor, ttl });
  const version = versionsOf(createdAt).amend(revision, 0);
  const entries = await readAudit(kv, call, { bucket, visitor });
  const destination = entries.find(({ rows }) => rows.length > 0)?.destination;
  let restored = 0;
  let unchanged = 0;
  if (destination !== undefined) {
    const warehouse = await parts.destinations.open(destination);
    const rows = amendedRows(entries, warehouse.primaryKeyFields);
    const restoredKeys = new Set<object>();
    for (let at = 0; at < rows.length; at += MAX_ROWS) {
      const some = rows.slice(at, at + MAX_ROWS);
      for (const turn of restoreTurns(some, version)) {
        const answers = await warehouse.restore(call, turn);
        for (const [index, { key }] of turn.entries()) if (answers[index]) restoredKeys.add(key);
      }
    }
    restored = restoredKeys.size;
    unchanged = rows.length - restored;
    await rememberAgain(kv, call, { bucket, visitor, ttl, rows });
    await pipelined(entries, IN_FLIGHT, async entry => {
      await kv.erase(call, { bucket: AUDIT_BUCKET, key: entry.key, upTo: entry.revision });
    });
  }
  return { restored, unchanged, wasKnown: hadIdentity || entries.length > 0 };
}

/** An empty mapping, not none: its revision orders what is restored between the amendments before and after. */
export async function forgetUser(
  kv: UndoParts['kv'],
  call: Call,
  { bucket, visitor, ttl }: Again,
): Promise<{ revision: number; hadIdentity: boolean }> {
  for (;;) {
    const found = await kv.get(call, { bucket, key: visitor });
    const mapping = await toMapping(found);
    const undone = mapping ? undoLogins(asSaid(mapping), mapping) : { undone: [] };
    const nobody = { identity: [], by: '', at: Date.now(), logins: [], ...undone };
    const write = { bucket, key: visitor, value: JSON.stringify(nobody), ttl };
    try {
      const { revision } = await kv.put(call, { ...write, expectedRevision: found?.revision ?? 0 });
      return { revision, hadIdentity: (mapping?.identity.length ?? 0) > 0 };
    } catch (error) {
      // Somebody named the visitor in between: that is undone too.
      if (!(error instanceof PackError && error.code === 'REVISION_CONFLICT')) throw error;
    }
  }
}
