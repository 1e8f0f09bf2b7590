import { PackError } from '../../contract/errors.ts';
import { withBigints } from '../../contract/exact-json.ts';
import { AUDIT_BUCKET, EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from '../core/call.ts';
import type { AmendRow, Cells, Destination, RestoreRow, TableTarget } from '../core/destinations.ts';
import { pipelined } from '../core/pipeline.ts';
import { rememberAgain, setBack } from './amended/restore.ts';
import { amendedRows } from './amended/rows.ts';
import type { VisitorPlace } from './audit.ts';
import { readAudit, toJson } from './audit.ts';
import type { Json } from './event.ts';
import { parseNode } from './event.ts';
import type { Answering, CallParts } from './job.ts';
import { batchesOf, versionsOf } from './job.ts';
import { fromEventKey, keyTagIn, keyTagOf } from './keys.ts';
import type { KnownMapping } from './mapping.ts';
import { asSaid, everSaid, toMapping } from './mapping.ts';
import { toListed } from './remember.ts';
import { windowOf } from './settings.ts';
import { onceMore } from './state.ts';
import { authorizeVisitors, namedBy, visitorsOf } from './visitors/named.ts';
import { undoLogins } from './who/logins.ts';

const IN_FLIGHT = 64;

/**
 * Sets back what was amended for a visitor, and forgets who that is: in this order a second try, after a crash or while
 * the warehouse is away, finds all it needs.
 */
export const undo: Answering<'undo'> = async (parts, call, input, rights) => {
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
};

async function undoVisitor(parts: CallParts, call: Call, { bucket, visitor }: VisitorPlace) {
  const { kv } = parts;
  const { version, hadIdentity } = await forgetUser(parts, call, { bucket, visitor });
  const entries = await readAudit(kv, call, { bucket, visitor });
  const destination = entries.find(({ rows }) => rows.length > 0)?.destination;
  let restored = 0;
  let unchanged = 0;
  if (destination !== undefined) {
    const warehouse = await parts.destinations.open(destination);
    const rows = amendedRows(entries, warehouse.primaryKeyFields);
    for (const some of batchesOf(rows)) restored += await setBack(warehouse, call, { rows: some, version });
    unchanged = rows.length - restored;
    await rememberAgain(kv, call, { bucket, visitor, ttl: windowOf(parts.defaults), rows });
    await pipelined(entries, IN_FLIGHT, async entry => {
      await kv.erase(call, { bucket: AUDIT_BUCKET, key: entry.key, upTo: entry.revision });
    });
  }
  return { restored, unchanged, wasKnown: hadIdentity || entries.length > 0 };
}

/** An empty mapping, not none: its revision orders what is restored between the amendments before and after. */
export async function forgetUser(
  { kv, buckets, defaults }: CallParts,
  call: Call,
  { bucket, visitor }: VisitorPlace,
): Promise<{ version: bigint; hadIdentity: boolean }> {
  const versions = versionsOf(await buckets.ready(call, bucket));
  for (;;) {
    const found = await kv.get(call, { bucket, key: visitor });
    const mapping = await toMapping(found);
    const undone = mapping ? undoLogins(asSaid(mapping), mapping) : { undone: [] };
    const kept = mapping?.keyFields && { keyFields: mapping.keyFields };
    const nobody = { identity: [], by: '', at: Date.now(), logins: [], ...kept, ...undone };
    const write = { bucket, key: visitor, value: JSON.stringify(nobody), ttl: windowOf(defaults) };
    try {
      const { revision } = await kv.put(call, { ...write, expectedRevision: found?.revision ?? 0 });
      return { version: versions.amend(revision, 0), hadIdentity: (mapping?.identity.length ?? 0) > 0 };
    } catch (error) {
      // Somebody named the visitor in between: that is undone too.
      if (!(error instanceof PackError && error.code === 'REVISION_CONFLICT')) throw error;
    }
  }
}

interface KeyedRow {
  table: string;
  primaryKeyFields: string[];
  event: Json;
}

/**
 * Sets the identity columns of a visitor's rows to NULL, as far as they hold what the visitor is or was known as: of the rows that
 * its remembered events, its logins and its changes name. Answers how many were changed.
 */
export async function clearRows(
  parts: CallParts,
  call: Call,
  { bucket, visitor }: VisitorPlace,
): Promise<number> {
  const { kv } = parts;
  const warehouse = await parts.destinations.open(namedBy(visitor).destination);
  const mapping = await toMapping(await kv.get(call, { bucket, key: visitor }));
  if (!mapping) return 0;
  const rows = await rowsOf(parts, call, { bucket, visitor, mapping, warehouse });
  const { version } = await forgetUser(parts, call, { bucket, visitor });
  const cleared = new Set<string>();
  for (const group of Map.groupBy(rows, row => JSON.stringify([row.table, row.primaryKeyFields])).values()) {
    const [{ table, primaryKeyFields } = { table: '', primaryKeyFields: [] }] = group;
    for (const some of batchesOf(group))
      for (const identity of valuesOf(mapping)) {
        const rows = some.map(({ event }) => ({ event, identity: [identity], version }));
        const holding = await rowsThatHold(warehouse, call, { target: { table, primaryKeyFields }, rows });
        const found = holding.map(row => ({ ...row, version }));
        const answers = found.length > 0 ? await warehouse.restore(call, found) : [];
        for (const [index, row] of found.entries())
          if (answers[index]) cleared.add(JSON.stringify([row.table, Object.values(row.key).map(String)]));
      }
  }
  return cleared.size;
}

/** Rows that hold a value, with the column that does. */
async function rowsThatHold(
  warehouse: Destination,
  call: Call,
  { target, rows }: { target: TableTarget; rows: AmendRow[] },
): Promise<Omit<RestoreRow, 'version'>[]> {
  const outcomes = await warehouse.dryRun(call, { ...target, conflict: 'overwrite' }, rows);
  return outcomes.flatMap(outcome => {
    // It says just that already.
    if (outcome.state !== 'unchanged' || !outcome.row) return [];
    const { table, key, new: there } = outcome.row;
    const columns: Cells<{ from: Cells[string]; to: null }> = Object.create(null);
    for (const [column, from] of Object.entries(there)) columns[column] = { from, to: null };
    return [{ table, key, columns }];
  });
}

/** Each value that the visitor is known as, at each place where events may have it. */
function valuesOf(mapping: KnownMapping): AmendRow['identity'][number][] {
  const all = everSaid(mapping).flatMap(({ identity }) => identity);
  const values = all.flatMap(({ node, value }) =>
    parseNode(node).alternatives.map(path => ({ path, value })),
  );
  return [...new Map(values.map(one => [JSON.stringify(one), one])).values()];
}

async function rowsOf(
  { kv }: CallParts,
  call: Call,
  about: VisitorPlace & { mapping: KnownMapping; warehouse: Destination },
): Promise<KeyedRow[]> {
  const { bucket, visitor, mapping, warehouse } = about;
  const rows = new Map<string, KeyedRow>();
  // Whole numbers above 2^53 differ in digits that numbers of JavaScript do not have.
  const add = (row: KeyedRow) => rows.set(toJson([row.table, withBigints(row.event)]), row);
  const keys = await kv.keys(call, bucket, `${visitor}.*`);
  for (const some of batchesOf(keys))
    for (const entry of await kv.getMany(call, bucket, some)) {
      const listed = await toListed(entry);
      if (!listed) continue;
      const { table, primary_key_fields, event } = listed.remembered;
      add({ table, primaryKeyFields: primary_key_fields, event });
    }
  const audit = await readAudit(kv, call, { bucket, visitor });
  const usual = warehouse.primaryKeyFields;
  // Calls may name another primary key: a token has a hash of it. The mapping has them, or, written by a build before, other rows do.
  const keysByTag = new Map([[keyTagOf(usual ?? [], usual), [...(usual ?? [])]]]);
  for (const fields of mapping.keyFields ?? []) keysByTag.set(keyTagOf(fields, undefined), [...fields]);
  for (const { primaryKeyFields } of rows.values())
    keysByTag.set(keyTagOf(primaryKeyFields, usual), primaryKeyFields);
  for (const { table, key, token = '' } of audit.flatMap(entry => entry.rows)) {
    const primaryKeyFields = Object.keys(key);
    add({ table, primaryKeyFields, event: { ...key } });
    // Of a key that is named by paths its columns are known.
    for (const tag of [keyTagOf(primaryKeyFields, usual), keyTagIn(token)])
      if (!keysByTag.has(tag)) keysByTag.set(tag, primaryKeyFields);
  }
  const tokens = [
    ...everSaid(mapping).map(({ by }) => by),
    ...audit.flatMap(({ gone }) => Object.keys(gone ?? {})),
  ];
  for (const token of tokens)
    for (const [keyTag, primaryKeyFields] of keysByTag) {
      const said = fromEventKey(token, { primaryKeyFields, keyTag });
      if (said) add({ ...said, primaryKeyFields });
    }
  return [...rows.values()];
}
