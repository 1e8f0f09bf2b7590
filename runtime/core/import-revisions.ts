import { PackError } from '../../contract/errors.ts';
import type { BucketInfo, ImportRecord, KvBucketImportOutput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { failure } from './envelope.ts';
import { isExpired, renews, timesOf } from './import-times.ts';
import { askedAbout } from './items.ts';
import type { KvHistoryImport, KvRevision } from './ports/backups.ts';
import { toStored } from './values.ts';

/** Records of a history, and where they go. */
export interface RevisionsToImport {
  target: BucketInfo;
  records: ImportRecord[];
  on_conflict: KvHistoryImport['onConflict'];
  /** Which bucket they are of. */
  source: string;
  /** The server's clock minus ours, in milliseconds. */
  clock: number;
}

/** Writes revisions in their order: values, and what ended them. What is over by now is imported as its end. */
export async function importRevisions(
  ctx: FunctionContext,
  { target, records, on_conflict, source, clock }: RevisionsToImport,
): Promise<KvBucketImportOutput> {
  const count: KvBucketImportOutput = { imported: 0, skipped: 0, expired: 0, renewed: 0, failed: [] };
  const indexes: number[] = [];
  const revisions: KvRevision[] = [];
  for (const [index, record] of records.entries()) {
    const revision = take(record, index);
    if (!revision) continue;
    indexes.push(index);
    revisions.push(revision);
  }
  const bucket = target.bucket;
  const answers = await ctx.kv.importHistory(ctx, { bucket, source, revisions, onConflict: on_conflict });
  for (const [place, answer] of answers.entries()) {
    const record = records[indexes[place] as number] as ImportRecord;
    if (answer instanceof PackError) fail(indexes[place] as number, answer);
    else if (isOver(record)) count.expired += 1;
    else if (answer === 'skipped') count.skipped += 1;
    else {
      count.imported += 1;
      if (renews(target, record)) count.renewed += 1;
    }
  }
  count.failed.sort((a, b) => a.index - b.index);
  return count;

  function take(record: ImportRecord, index: number): KvRevision | undefined {
    try {
      if (!isOver(record)) return toRevision(record, index);
      const end = record.expires_at as string;
      const revision = revisionOf(record, index);
      const follower = records.find(
        (other, at) => at > index && other.key === record.key && (other.revision ?? 0) > revision,
      );
      // Another value came before its end: it ended nothing.
      if (follower?.created_at !== undefined && Date.parse(follower.created_at) < Date.parse(end)) {
        count.expired += 1;
        return undefined;
      }
      return { key: record.key, revision, operation: 'expire', createdAt: end };
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      fail(index, error);
      return undefined;
    }
  }

  function isOver(record: ImportRecord): boolean {
    return record.operation === undefined && isExpired(record, clock);
  }

  function fail(index: number, error: PackError): void {
    count.failed.push({
      index,
      key: (records[index] as ImportRecord).key,
      error: failure(error, true).error,
    });
  }

  function toRevision(record: ImportRecord, index: number): KvRevision {
    const { key, operation, created_at, value = '', encoding } = record;
    const revision = revisionOf(record, index);
    if (operation !== undefined)
      return {
        key,
        revision,
        operation,
        createdAt: created_at ?? new Date(Date.now() + clock).toISOString(),
      };
    return {
      key,
      revision,
      value: toStored(value, encoding),
      ...askedAbout(record),
      ...(!renews(target, record) && timesOf(record, clock)),
    };
  }
}

/** Without it nobody could tell whether it was imported before. */
function revisionOf({ revision }: ImportRecord, index: number): number {
  if (revision !== undefined) return revision;
  const message = 'is required for a record of a history';
  throw new PackError('INVALID_INPUT', `records/${index}/revision ${message}`, {
    errors: [{ pointer: `/records/${index}/revision`, message }],
  });
}
