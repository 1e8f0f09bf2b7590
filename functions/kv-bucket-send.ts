import { invalidField, PackError } from '../contract/errors.ts';
import type {
  ExportedRecord,
  KvBucketImportOutput,
  KvBucketSendInput,
  KvBucketSendOutput,
} from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { failure } from '../runtime/core/envelope.ts';
import { exportedRecord } from '../runtime/core/exported-record.ts';
import { jsonWeight, REQUEST_WEIGHT } from '../runtime/core/json-weight.ts';
import { notJudged } from '../runtime/core/keep-matching.ts';
import { takeItems } from '../runtime/core/live-items.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';

const PAGE = 500;
const MAX_FAILED = 1_000;

export default defineFunction<KvBucketSendInput, KvBucketSendOutput>({
  timeoutMs: 60_000,
  async run(input, ctx) {
    const { bucket, url, to_bucket = bucket, filter = '>', query, prefix = '' } = input;
    if (!URL.canParse(url)) throw invalidField('/url', 'must be a URL, such as https://kvflow.example.com');
    const to = originOf(new URL(url));
    const { to_prefix = prefix, dry_run = false, on_conflict = 'skip' } = input;
    const matcher = query === undefined ? undefined : createKeyMatcher(query);
    const source = await ctx.kv.bucketInfo(ctx, bucket, { count: false });
    const target = { url, apiKey: input.api_key, login: input.login };
    await using there = await ctx.remote(target, ctx);
    if (input.cursor === undefined) await there.call('kv-bucket-info', { bucket: to_bucket }, ctx);
    const count = { copied: 0, skipped: 0, failed: [] as KvBucketSendOutput['failed'] };
    const asked = { bucket, filter, matcher, cursor: input.cursor, page: PAGE, lastSeq: source.last_seq };
    const left = await takeItems(ctx, asked, {
      take: async entries => {
        const records = entries
          .filter(isChosen)
          .map(entry => exportedRecord(entry, source.ttl))
          .map(record => ({ ...record, key: to_prefix + record.key.slice(prefix.length) }));
        if (dry_run) count.copied += records.length;
        else for (const some of inParts(records)) await send(some);
      },
      leave: entries => {
        const failed = entries.filter(isChosen).map(entry => ({ entry, error: notJudged(entry) }));
        count.failed.push(
          ...failed.map(({ entry: { key }, error }) => ({ key, error: failure(error, true).error })),
        );
      },
      isEnough: () => count.failed.length >= MAX_FAILED,
    });
    return { bucket, to, to_bucket, ...count, dry_run, ...left };

    function isChosen({ key, scheduled }: KvEntry): boolean {
      return !scheduled && key.startsWith(prefix);
    }

    async function send(records: ExportedRecord[]): Promise<void> {
      if (Date.now() >= ctx.deadline)
        throw new PackError('TIMEOUT', 'Time ran out; call again with on_conflict skip to go on.');
      const answer = await there.call('kv-bucket-import', { bucket: to_bucket, records, on_conflict }, ctx);
      const { imported, skipped, expired, failed } = answer as KvBucketImportOutput;
      count.copied += imported;
      count.skipped += skipped + expired;
      count.failed.push(...failed.map(({ key, error }) => ({ key, error })));
    }
  },
});

/** Of what is no web address `URL` knows no origin. */
function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/** Requests of a size that any server takes; a record that is larger goes alone. */
function inParts(records: ExportedRecord[]): ExportedRecord[][] {
  const parts: ExportedRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const weight = jsonWeight(JSON.stringify(record));
    if (room < weight || parts.length === 0) {
      parts.push([]);
      room = REQUEST_WEIGHT;
    }
    parts.at(-1)?.push(record);
    room -= weight;
  }
  return parts;
}
