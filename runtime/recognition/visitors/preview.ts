import { EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyPreviewInput, IdentifyPreviewOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import type { AmendOutcome, Cell, Cells, Destination } from '../../core/destinations.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { toAmendRow } from '../amend.ts';
import { byTable } from '../amended/changes.ts';
import { withNotes } from '../amended/restore.ts';
import type { AmendedRow } from '../amended/rows.ts';
import { amendedRows, linkTo, wrongRows } from '../amended/rows.ts';
import { readAudit } from '../audit.ts';
import { openCall } from '../identify.ts';
import type { Answering, CallParts, Item, JobContext } from '../job.ts';
import { atWarehouse, batchesOf } from '../job.ts';
import type { KnownMapping } from '../mapping.ts';
import { merged, readMappings, textOf, toMapping } from '../mapping.ts';
import { readEvents, rememberedEvents } from '../remember.ts';
import { openJob } from '../run.ts';
import { placed } from '../who/identity.ts';
import type { KnownEvent } from '../who/owner.ts';
import { isDisputed, ownerAt, withMappings } from '../who/owner.ts';
import { authorizeVisitors, plainly, toAnswer, toNamed, visitorsOf } from './named.ts';

const MAX_SHOWN = 100;

type Row = IdentifyPreviewOutput['rows'][number];

/** What a call of identify, or an undo, would change, without changing it. */
export const preview: Answering<'preview'> = async (parts, call, input, rights) => {
  const { undo, limit = MAX_SHOWN, ...rest } = input;
  if (undo !== undefined) return await previewUndo(parts, call, { ...input, anonymous_id: undo }, rights);
  const { items, failed, settings, destination, at } = await openCall(parts, rest, rights);
  const ctx = await openJob(parts, call, { settings, destination, mostAnswered: 0 });
  const { before, after, changed } = await mappings(ctx, items, at);
  const rows = destination ? await amendments(ctx, destination, { after, changed }) : [];
  return {
    loads: destination && settings.load ? items.length : 0,
    failed: failed.length,
    visitors: changed.map(visitor => toVisitor(visitor, before.get(visitor), after.get(visitor))),
    rows: rows.slice(0, limit),
    rows_total: rows.length,
  };
};

/** Who the visitors of a call are, before it and after it. */
async function mappings(ctx: JobContext, items: readonly Item[], at: number) {
  const named = items.filter(({ what }) => what.kind === 'identified');
  const visitors = named.map(({ visitor = '' }) => visitor);
  const before = await readMappings(ctx, visitors);
  const after = new Map<string, KnownMapping>();
  const changed: string[] = [];
  for (const [visitor, said] of Map.groupBy(named, ({ visitor = '' }) => visitor)) {
    const known = before.get(visitor);
    const next = merged(said, known, at);
    after.set(visitor, next);
    if (!known || textOf(next) !== textOf(known)) changed.push(visitor);
  }
  return { before, after, changed };
}

/** What the rows of remembered events would become. */
async function amendments(
  ctx: JobContext,
  destination: Destination,
  { after, changed }: { after: ReadonlyMap<string, KnownMapping>; changed: readonly string[] },
): Promise<Row[]> {
  const rows: Row[] = [];
  const source = rememberedEvents(ctx, changed);
  for (let places = await source.next(); places.length > 0; places = await source.next()) {
    const known = withMappings(ctx, await readEvents(ctx, places), after);
    for (const group of byTable(known))
      for (const some of batchesOf(group)) rows.push(...(await dryRun(ctx, destination, some)));
  }
  for (const visitor of changed) {
    const mapping = after.get(visitor);
    if (mapping) rows.push(...(await reassignments(ctx, destination, { visitor, mapping })));
  }
  // What is told last of a row is all of it.
  return [...new Map(rows.map(row => [JSON.stringify([row.table, row.key]), row])).values()];
}

/** Rows that would be set back and given to another user. */
async function reassignments(
  ctx: JobContext,
  destination: Destination,
  { visitor, mapping }: { visitor: string; mapping: KnownMapping },
): Promise<Row[]> {
  if (!isDisputed(ctx, mapping)) return [];
  const entries = await readAudit(ctx.kv, ctx.call, { bucket: ctx.settings.bucket, visitor });
  const amended = amendedRows(entries, destination.primaryKeyFields);
  const wrong = await wrongRows(ctx, await withNotes(ctx, visitor, amended), { mapping });
  const rows: Row[] = [];
  for (const { table, key, fields, note, token, columns } of wrong) {
    const event = { ...note?.outline, ...key };
    const owner = ownerAt(mapping, note?.at ?? 0, token);
    const amend = { event, identity: placed(event, owner?.identity ?? []), version: 0n };
    const target = { table, primaryKeyFields: fields, conflict: 'overwrite' as const };
    const outcomes = await atWarehouse(ctx, (_, call) => destination.dryRun(call, target, [amend]));
    const outcome = outcomes?.[0];
    const back = Object.entries(columns).flatMap(([column, [link]]) =>
      link ? [[column, link] as const] : [],
    );
    const planned = outcome?.state === 'amended' ? outcome : { old: {}, new: {} };
    rows.push({
      ...idOf(visitor),
      table,
      key: toAnswer(key),
      old: toAnswer({
        ...Object.fromEntries(back.map(([column, { from }]) => [column, from])),
        ...planned.old,
      }),
      new: toAnswer({ ...Object.fromEntries(back.map(([column, { to }]) => [column, to])), ...planned.new }),
    });
  }
  return rows;
}

async function dryRun(ctx: JobContext, destination: Destination, events: KnownEvent[]): Promise<Row[]> {
  const [first] = events;
  if (!first) return [];
  const { table, primary_key_fields: primaryKeyFields } = first.remembered;
  const conflict = first.conflict ?? ctx.settings.conflict;
  const amend = events.map(event => toAmendRow(ctx, event));
  const outcomes = await atWarehouse(ctx, (_, call) =>
    destination.dryRun(call, { table, primaryKeyFields, conflict, empty: ctx.settings.empty }, amend),
  );
  return (outcomes ?? []).flatMap((outcome, index) => toRow(outcome, events[index]));
}

function toRow(outcome: AmendOutcome, event: KnownEvent | undefined): Row[] {
  if (outcome.state !== 'amended' || !event) return [];
  const { table, key, old, new: now } = outcome;
  return [{ ...idOf(event.visitor), table, key: toAnswer(key), old: toAnswer(old), new: toAnswer(now) }];
}

/** Undefined where it is too long for a key. */
function idOf(visitor: string): Pick<Row, 'anonymous_id'> {
  const { anonymous_id } = toNamed(visitor);
  return anonymous_id === undefined ? {} : { anonymous_id };
}

function toVisitor(visitor: string, before: KnownMapping | undefined, after: KnownMapping | undefined) {
  return { ...idOf(visitor), before: plainly(before?.identity ?? []), after: plainly(after?.identity ?? []) };
}

/** What identify-undo would set back. A column that somebody changed since is left out, as it would be. */
async function previewUndo(
  parts: CallParts,
  call: Call,
  input: IdentifyPreviewInput & { anonymous_id: string },
  rights: RecognitionRights | undefined,
): Promise<IdentifyPreviewOutput> {
  const { kv } = parts;
  const { bucket = EVENTS_BUCKET, anonymous_id, limit = MAX_SHOWN } = input;
  const visitors = await visitorsOf(kv, call, { ...input, bucket });
  authorizeVisitors(visitors, rights);
  const rows: Row[] = [];
  const known: IdentifyPreviewOutput['visitors'] = [];
  for (const visitor of visitors) {
    const mapping = await toMapping(await kv.get(call, { bucket, key: visitor }));
    known.push({ anonymous_id, before: plainly(mapping?.identity ?? []), after: [] });
    const entries = await readAudit(kv, call, { bucket, visitor });
    const name = entries.find(entry => entry.rows.length > 0)?.destination;
    if (name === undefined) continue;
    const warehouse = await parts.destinations.open(name);
    const amended = amendedRows(entries, warehouse.primaryKeyFields);
    for (const [table, some] of Map.groupBy(amended, row => row.table))
      for (const page of batchesOf(some)) {
        const primaryKeyFields = Object.keys(page[0]?.key ?? {});
        const keys = page.map(({ key }) => key);
        const there = await warehouse.read(call, { table, primaryKeyFields }, keys);
        rows.push(...page.flatMap((row, index) => toUndoneRow(anonymous_id, row, there[index]) ?? []));
      }
  }
  return { loads: 0, failed: 0, visitors: known, rows: rows.slice(0, limit), rows_total: rows.length };
}

function toUndoneRow(
  anonymous_id: string,
  row: AmendedRow,
  there: Cells<Cell | null> | undefined,
): Row | undefined {
  const old: Cells<Cell | null> = Object.create(null);
  const now: Cells<Cell | null> = Object.create(null);
  for (const [column, links] of Object.entries(row.columns)) {
    const link = linkTo(links, there?.[column]);
    if (!link) continue;
    old[column] = link.from;
    now[column] = link.to;
  }
  if (Object.keys(now).length === 0) return undefined;
  return { anonymous_id, table: row.table, key: toAnswer(row.key), old: toAnswer(old), new: toAnswer(now) };
}
