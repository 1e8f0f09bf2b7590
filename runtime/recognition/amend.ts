import type { PackError } from '../../contract/errors.ts';
import type { AmendOutcome, AmendRow, AmendTarget } from '../core/destinations.ts';
import { observe } from '../core/recognition-stats.ts';
import { answer } from './amended/answer.ts';
import type { Amended, Changes } from './amended/changes.ts';
import { addChange, byTable, recoverChanges } from './amended/changes.ts';
import type { AuditedRows, AuditRow } from './audit.ts';
import { auditRow, writeAudit } from './audit.ts';
import type { JobContext } from './job.ts';
import { atWarehouse, batchesOf, heldAlone, isHeld } from './job.ts';
import { readMappings } from './mapping.ts';
import type { Listed } from './remember.ts';
import { isComplete, placed, toStore } from './who/identity.ts';
import type { KnownEvent } from './who/owner.ts';
import { isDisputed } from './who/owner.ts';

/** How rows are amended. */
export interface AmendOptions {
  /** Visitors whose rows somebody may have amended without having written it down. */
  recover: ReadonlySet<string>;
  /** Whole events, by key, that the answer has room for: of those of which only the key was read. */
  answered?: Promise<ReadonlyMap<string, Listed>> | undefined;
}

/**
 * Amends the rows of remembered events, up to 1,000 with one request, writes down what was changed and tells it.
 * Answers the events that are done for good: those that may be forgotten; and those of which more than the key is needed.
 */
export async function amendEvents(
  ctx: JobContext,
  events: readonly KnownEvent[],
  options: AmendOptions,
): Promise<AmendResult> {
  const result: AmendResult = { done: [], toRead: [] };
  for (const group of byTable(events)) {
    for (const some of batchesOf(group)) {
      await amendSome(ctx, some, options, result);
    }
  }
  return result;
}

/** What became of events. */
interface AmendResult {
  done: KnownEvent[];
  toRead: KnownEvent[];
}

async function amendSome(
  ctx: JobContext,
  rows: KnownEvent[],
  options: AmendOptions,
  result: AmendResult,
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const target = {
    table: first.remembered.table,
    primaryKeyFields: first.remembered.primary_key_fields,
    conflict: first.conflict ?? ctx.settings.conflict,
    empty: ctx.settings.empty,
  };
  const toAmend = rows.map(row => toAmendRow(ctx, row));
  const intents = await writeIntents(ctx, target, { rows, toAmend });
  const began = performance.now();
  const amending = atWarehouse(ctx, (destination, call) => destination.amend(call, target, toAmend));
  const held = (error: PackError): AmendOutcome => ({ state: 'failed', error });
  const outcomes = await heldAlone(rows.length, amending, held);
  observe(ctx.stats.amendSeconds, (performance.now() - began) / 1_000);
  await ctx.step('amend');
  await intendAgain(ctx, intents);
  const amended: Amended[] = [];
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as KnownEvent;
    const outcome = outcomes?.[index];
    if (outcome?.state === 'amended' || outcome?.state === 'loaded') noteAmended(ctx, row);
    if (outcome && row.keyOnly && needsEvent(outcome)) result.toRead.push(row);
    else if (outcome) amended.push({ row, outcome });
  }
  const open = await audit(ctx, amended, { ...options, intents, primaryKeyFields: target.primaryKeyFields });
  const whole = await options.answered;
  for (const { row, outcome } of amended) {
    answer(ctx, whole ? asAnswered(row, whole) : row, outcome);
    // A row that is not there may be under way: whoever stores it looks for its user, and needs to find the key.
    const isThere = outcome.state !== 'failed' && outcome.state !== 'missing';
    if (isThere && isDone(ctx, row) && !open.has(row)) result.done.push(row);
  }
}

/**
 * Whether the key alone was not enough: the row is not there, or it was refused. One that is as it was may be an event's that
 * names somebody else, of whom the mapping does not tell yet: it is not done with, and only the event says so.
 */
function needsEvent(outcome: AmendOutcome): boolean {
  if (outcome.state === 'failed') return !isHeld(outcome.error);
  return outcome.state === 'missing' || outcome.state === 'unchanged';
}

function noteAmended({ amended }: JobContext, row: KnownEvent): void {
  const { visitor, mapping } = row;
  row.isNoted = !row.keyOnly;
  if (amended.get(visitor) !== mapping.revision)
    amended.set(visitor, Math.min(mapping.revision, amended.get(visitor) ?? mapping.revision));
}

function asAnswered(row: KnownEvent, whole: ReadonlyMap<string, Listed>): KnownEvent {
  const read = row.keyOnly && whole.get(row.key);
  return read ? { ...read, mapping: row.mapping, owner: row.owner } : row;
}

/** As long as more, or with `overwrite` somebody else, can become known of the visitor, the event is needed. */
function isDone({ settings }: JobContext, { owner }: KnownEvent): boolean {
  return settings.conflict !== 'overwrite' && isComplete(owner.identity, settings.identification);
}

/** What a warehouse is told of an event. */
export function toAmendRow({ versions, settings }: JobContext, known: KnownEvent): AmendRow {
  const { remembered, revision, mapping, owner } = known;
  const keyOnly = known.keyOnly ?? remembered.key_only;
  const identity = placed(remembered.event, known.adds ?? owner.identity);
  const event = keyOnly ? remembered.event : toStore(remembered.event, settings);
  const version = versions.amend(revision, mapping.revision);
  return keyOnly ? { event, identity, version, keyOnly } : { event, identity, version };
}

/**
 * Writes down what was changed. Answers events that must not be forgotten yet: nothing was to be changed in their rows, and
 * the record does not tell why.
 */
async function audit(
  ctx: JobContext,
  amended: readonly Amended[],
  { recover, intents, primaryKeyFields }: AmendOptions & { intents: Intents; primaryKeyFields: string[] },
): Promise<Set<KnownEvent>> {
  const changes = new Map();
  for (const one of amended)
    if (!isIntended(intents.rows.get(one.row), one.outcome)) addChange(ctx, changes, one);
  const unsure = amended.filter(
    ({ row, outcome }) => outcome.state === 'unchanged' && (recover.has(row.visitor) || isDone(ctx, row)),
  );
  const open = await recoverChanges(ctx, unsure, { changes, primaryKeyFields, recover });
  await writeAudit(ctx, [...changes.values()]);
  return open;
}

/** What was written down of rows before they are amended. */
interface Intents {
  rows: ReadonlyMap<KnownEvent, AuditRow>;
  changes: readonly AuditedRows[];
}

/**
 * `overwrite` alone replaces values, which only the process that did so has seen: were it killed before it wrote them
 * down, they would be lost. So they are written down first. Undoing an amendment that then never came about changes
 * nothing, as it sets back only what holds the new value. A row that is not there yet has no value to lose.
 */
async function writeIntents(
  ctx: JobContext,
  target: AmendTarget,
  { rows, toAmend }: { rows: readonly KnownEvent[]; toAmend: readonly AmendRow[] },
): Promise<Intents> {
  const intents = new Map<KnownEvent, AuditRow>();
  if (target.conflict !== 'overwrite') return { rows: intents, changes: [] };
  const planned = await atWarehouse(ctx, (destination, call) => destination.dryRun(call, target, toAmend));
  const changes: Changes = new Map();
  for (const [index, row] of rows.entries()) {
    const outcome = planned?.[index];
    const changed = outcome && auditRow(outcome);
    if (!changed) continue;
    intents.set(row, changed);
    addChange(ctx, changes, { row, outcome });
  }
  await writeAudit(ctx, [...changes.values()], { isIntent: true });
  return { rows: intents, changes: [...changes.values()] };
}

/**
 * Who undid a visitor after that was written down has taken it out, and maybe before the rows were amended: it is written down once
 * more, and they are set back at the end of the job.
 */
async function intendAgain(ctx: JobContext, { changes }: Intents): Promise<void> {
  const now = await readMappings(
    ctx,
    changes.map(({ visitor }) => visitor),
  );
  const undone = changes.filter(({ visitor, revision }) => {
    const mapping = now.get(visitor);
    return mapping && mapping.revision !== revision && isDisputed(ctx, mapping);
  });
  await writeAudit(ctx, undone, { isIntent: true });
}

/** Whether what became of a row is just what was written down before; another may have changed it in between. */
function isIntended(intent: AuditRow | undefined, outcome: AmendOutcome): boolean {
  if (intent === undefined) return false;
  const changed = auditRow(outcome);
  return changed !== undefined && textOf(changed) === textOf(intent);
}

function textOf({ old, new: now }: AuditRow): string {
  const columns = Object.keys(now).sort();
  return JSON.stringify(
    columns.map(column => [column, old[column] === null ? null : String(old[column]), String(now[column])]),
  );
}
