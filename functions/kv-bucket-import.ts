import { invalidField, PackError } from '../contract/errors.ts';
import type {
  BucketInfo,
  ImportRecord,
  KvBucketImportInput,
  KvBucketImportOutput,
} from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { areDistinct } from '../runtime/core/distinct-texts.ts';
import { failure, toPackError } from '../runtime/core/envelope.ts';
import { importRevisions } from '../runtime/core/import-revisions.ts';
import { isExpired, renews, timesOf } from '../runtime/core/import-times.ts';
import { askedAbout } from '../runtime/core/items.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import type { KvTransactPut } from '../runtime/core/ports/transactions.ts';
import { toStored } from '../runtime/core/values.ts';

export default defineFunction<KvBucketImportInput, KvBucketImportOutput>({
  timeoutMs: 60_000,
  async run({ bucket, records, on_conflict = 'skip', history_of }, ctx) {
    for (const [index, record] of records.entries()) checkRecord(record, index, history_of);
    // What the bucket says of ends is asked where there are any.
    const asks = history_of !== undefined || records.some(({ expires_at }) => expires_at !== undefined);
    const target = asks ? await ctx.kv.bucketInfo(ctx, bucket, { count: false }) : undefined;
    const count = { imported: 0, skipped: 0, expired: 0, renewed: 0, failed: [] };
    // The server's clock decides when items end, so it decides here too.
    const now = await ctx.kv.now(ctx, bucket);
    const job: Job = { ctx, bucket, target, on_conflict, count, clock: now - Date.now() };
    if (target && history_of !== undefined) {
      const done = await importRevisions(ctx, {
        target,
        records,
        on_conflict,
        source: history_of,
        clock: job.clock,
      });
      return done;
    }
    if (on_conflict === 'fail') await refuseExisting(job, records);
    for (const round of roundsOf(records, count)) await importRound(job, round);
    return { ...count, failed: job.count.failed.sort((a, b) => a.index - b.index) };
  },
});

/** A record is a value; of a history it may be what ended one. */
function checkRecord(
  { value, operation }: ImportRecord,
  index: number,
  history_of: string | undefined,
): void {
  if (operation !== undefined && history_of === undefined) {
    throw invalidField(
      `/records/${index}/operation`,
      'is part of a history; import it with history_of, from the first line of the export',
    );
  }
  if ((value === undefined) === (operation === undefined))
    throw invalidField(`/records/${index}/value`, 'is required: a record is a value, or has operation');
}

interface Job {
  ctx: FunctionContext;
  bucket: string;
  /** Undefined where no record ends. */
  target: BucketInfo | undefined;
  on_conflict: NonNullable<KvBucketImportInput['on_conflict']>;
  count: KvBucketImportOutput;
  /** The server's clock minus ours, in milliseconds. */
  clock: number;
}

interface Turn {
  record: ImportRecord;
  index: number;
}

/** What is stored one after the other: of the same key twice the second finds what the first has stored. */
function roundsOf(records: ImportRecord[], count: KvBucketImportOutput): Turn[][] {
  const all = records.map((record, index) => ({ record, index }));
  if (areDistinct(records.map(({ key }) => key))) return [all];
  const turns = withoutOlder(all);
  count.skipped += records.length - turns.length;
  return withoutRepeats(turns);
}

/** Without those whose key comes again as it is, or newer, as in an export that went on where another broke off. */
function withoutOlder(all: Turn[]): Turn[] {
  const later = new Map<string, number>();
  const isOlder = ({ key, revision }: ImportRecord): boolean => {
    const other = later.get(key);
    if (revision === undefined) later.delete(key);
    else later.set(key, revision);
    return revision !== undefined && other !== undefined && other >= revision;
  };
  return all
    .toReversed()
    .filter(({ record }) => !isOlder(record))
    .toReversed();
}

/** Rounds in which no key comes twice, in the records' order. */
function withoutRepeats(turns: Turn[]): Turn[][] {
  const times = new Map<string, number>();
  const rounds: Turn[][] = [];
  for (const turn of turns) {
    const round = times.get(turn.record.key) ?? 0;
    times.set(turn.record.key, round + 1);
    rounds[round] ??= [];
    rounds[round].push(turn);
  }
  return rounds;
}

/** Nothing is written when it is known beforehand that not all can be. */
async function refuseExisting({ ctx, bucket, count, clock }: Job, records: ImportRecord[]): Promise<void> {
  const keys = records.filter(record => !isExpired(record, clock)).map(({ key }) => key);
  const found = await ctx.kv.getMany(ctx, bucket, [...new Set(keys)]).catch(ignoreBadKeys);
  const existing = found.find(isEntry);
  if (existing) throw exists(existing.key, existing.revision, count.imported);
}

/** A key that cannot be one is told with its record, as in every other import. */
function ignoreBadKeys(error: unknown): (KvEntry | KvMarker | undefined)[] {
  if (error instanceof PackError && error.code === 'INVALID_INPUT') return [];
  throw error;
}

async function importRound(job: Job, round: Turn[]): Promise<void> {
  const { ctx, bucket, target, count } = job;
  const turns: Turn[] = [];
  const puts: KvTransactPut[] = [];
  for (const turn of round) {
    if (isExpired(turn.record, job.clock)) {
      count.expired += 1;
      continue;
    }
    try {
      puts.push(toPut(job, turn.record));
      turns.push(turn);
    } catch (thrown) {
      settle(job, turn, toPackError(thrown));
    }
  }
  const answers = await ctx.kv.storeMany(ctx, bucket, puts);
  const failed: [Turn, PackError][] = [];
  for (const [index, turn] of turns.entries()) {
    const answer = answers[index];
    if (answer) failed.push([turn, answer]);
    else {
      count.imported += 1;
      if (renews(target, turn.record)) count.renewed += 1;
    }
  }
  for (const [turn, error] of failed) settle(job, turn, error);
}

function toPut({ target, on_conflict, clock }: Job, record: ImportRecord): KvTransactPut {
  return {
    key: record.key,
    value: toStored(record.value ?? '', record.encoding),
    ...askedAbout(record),
    ...(!renews(target, record) && timesOf(record, clock)),
    ...(on_conflict !== 'overwrite' && { expectedRevision: 0 }),
  };
}

function settle({ on_conflict, count }: Job, { record, index }: Turn, error: PackError): void {
  if (error.code === 'REVISION_CONFLICT' && on_conflict === 'skip') {
    count.skipped += 1;
  } else if (error.code === 'REVISION_CONFLICT' && on_conflict === 'fail') {
    throw exists(record.key, error.details.current_revision, count.imported);
  } else {
    count.failed.push({ index, key: record.key, error: failure(error, true).error });
  }
}

function exists(key: string, revision: unknown, imported: number): PackError {
  return new PackError(
    'REVISION_CONFLICT',
    `Key "${key}" exists already. Import with on_conflict skip or overwrite to go on.`,
    { details: { key, current_revision: revision, imported } },
  );
}
