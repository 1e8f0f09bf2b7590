import { invalidField, PackError } from '../contract/errors.ts';
import type {
  ExportedRecord,
  KvBucketImportOutput,
  KvBucketSendInput,
  KvBucketSendOutput,
} from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { exportedRecord } from '../runtime/core/exported-record.ts';
import { lookUntil } from '../runtime/core/look-time.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import { readPlace, writePlace } from '../runtime/core/place-cursor.ts';

const PAGE = 500;
/** A call answers what it has done after this long, in milliseconds. */
const LOOK_MS = 10_000;
const MAX_FAILED = 1_000;
/** Characters of one request to the other kvflow, about. */
const LARGEST = 2 * 1024 * 1024;

/** Where it goes on: the listing of the bucket, up to what was written when it began. */
interface Place {
  until: number;
  listing?: string;
}

export default defineFunction<KvBucketSendInput, KvBucketSendOutput>({
  timeoutMs: 60_000,
  async run(input, ctx) {
    const { bucket, url, to_bucket = bucket, filter = '>', query, prefix = '' } = input;
    if (!URL.canParse(url)) throw invalidField('/url', 'must be a URL, such as https://kvflow.example.com');
    const to = new URL(url).origin;
    const { to_prefix = prefix, dry_run = false, on_conflict = 'skip' } = input;
    const matcher = query === undefined ? undefined : createKeyMatcher(query);
    const source = await ctx.kv.bucketInfo(ctx, bucket, { count: false });
    const there = otherOf(ctx, input);
    const place: Place =
      input.cursor === undefined ? { until: source.last_seq } : readPlace<Place>(input.cursor, isPlace);
    if (input.cursor === undefined) await there('kv-bucket-info', { bucket: to_bucket });
    const end = lookUntil(ctx, LOOK_MS);
    const count = { copied: 0, skipped: 0, failed: [] as KvBucketSendOutput['failed'] };
    let { listing } = place;
    for (;;) {
      const range = { bucket, startSeq: 0, limit: PAGE, filter };
      const page = await ctx.kv.listPage(ctx, listing === undefined ? range : { ...range, cursor: listing });
      const now = await ctx.kv.now(ctx, bucket);
      const records = page.entries
        .filter(entry => entry.revision <= place.until && !entry.scheduled && entry.key.startsWith(prefix))
        .filter(entry => matcher?.matches(entry, now) ?? true)
        .map(entry => exportedRecord(entry, source.ttl))
        .map(record => ({ ...record, key: to_prefix + record.key.slice(prefix.length) }));
      if (dry_run) count.copied += records.length;
      else for (const some of inParts(records)) await send(some);
      listing = page.cursor;
      const has_more = page.hasMore;
      if (has_more && Date.now() < end && count.failed.length < MAX_FAILED) continue;
      const cursor = listing === undefined ? {} : { cursor: writePlace({ ...place, listing }) };
      return { bucket, to, to_bucket, ...count, dry_run, has_more, ...(has_more && cursor) };
    }

    async function send(records: ExportedRecord[]): Promise<void> {
      const answer = await there('kv-bucket-import', { bucket: to_bucket, records, on_conflict });
      const { imported, skipped, expired, failed } = answer as KvBucketImportOutput;
      count.copied += imported;
      count.skipped += skipped + expired;
      count.failed.push(...failed.map(({ key, error }) => ({ key, error })));
    }
  },
});

/** Calls the other kvflow until the call's own time is over. */
function otherOf(ctx: FunctionContext, { url, api_key: apiKey }: KvBucketSendInput) {
  return async (name: string, input: unknown): Promise<unknown> => {
    const left = ctx.deadline - Date.now();
    if (left <= 0) throw new PackError('TIMEOUT', 'Time ran out; call again with on_conflict skip to go on.');
    const timeout = AbortSignal.timeout(left);
    const signal = ctx.signal ? AbortSignal.any([ctx.signal, timeout]) : timeout;
    return await ctx.remote({ url, apiKey, function: name, input, signal });
  };
}

/** Requests of a size that any server takes; a value that is larger goes alone. */
function inParts(records: ExportedRecord[]): ExportedRecord[][] {
  const parts: ExportedRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const size = (typeof record.value === 'string' ? record.value.length : 0) + record.key.length;
    if (room < size || parts.length === 0) {
      parts.push([]);
      room = LARGEST;
    }
    parts.at(-1)?.push(record);
    room -= size;
  }
  return parts;
}

function isPlace({ until, listing }: Partial<Place>): boolean {
  return Number.isSafeInteger(until) && typeof listing === 'string';
}
