import type { ListResourcesResult, Resource } from '@modelcontextprotocol/server';
import { invalidField } from '../../../contract/errors.ts';
import type { BucketInfo, KvBucketListOutput, KvKeyListOutput } from '../../../contract/types.gen.ts';
import { isFailure } from '../../core/envelope.ts';
import type { McpCaller } from '../../core/mcp-caller.ts';
import { dataOf } from './failures.ts';
import { BUCKETS_URI, bucketUri, keyUri } from './resource-uri.ts';

/** Keys on one page. */
const PAGE = 500;
/**
 * Keys that a client is shown at most, over all pages and buckets: it reads the whole list before it shows any of it. All
 * others can be read all the same, and kv-key-list names them.
 */
const MAX_KEYS = 5_000;

/** Where the next page begins. */
interface Cursor {
  bucket: string;
  start_seq: number;
  /** Keys listed so far. */
  listed: number;
}

/** One page of what there is: first the buckets, then keys, bucket by bucket. */
export async function listResources(
  caller: McpCaller,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const known = await caller.call('kv-bucket-list', {});
  // A key whose scope has no lists reads what it knows the names of.
  if (isFailure(known) && known.status_code === 403) return { resources: [] };
  const { buckets } = dataOf(known, BUCKETS_URI) as unknown as KvBucketListOutput;
  if (cursor === undefined) return withNext(buckets.map(toResource), firstOf(buckets, '', 0));
  return await keysFrom(caller, buckets, readCursor(cursor));
}

async function keysFrom(
  caller: McpCaller,
  buckets: BucketInfo[],
  from: Cursor,
): Promise<ListResourcesResult> {
  const resources: Resource[] = [];
  let at: Cursor | undefined = from;
  while (at && resources.length < PAGE) {
    const here: Cursor = at;
    const { bucket, start_seq, listed } = here;
    const limit = Math.min(PAGE - resources.length, MAX_KEYS - listed);
    const page = await pageOf(caller, { bucket, start_seq, limit, include_values: false });
    resources.push(...page.items.map(item => keyResource(bucket, item.key, item.created_at)));
    const count: number = listed + page.items.length;
    at = page.has_more
      ? next({ bucket, start_seq: page.next_seq, listed: count })
      : firstOf(buckets, bucket, count);
  }
  return withNext(resources, at);
}

/** A bucket that is gone by now, or whose keys may not be listed, has none to show. */
async function pageOf(
  caller: McpCaller,
  input: object,
): Promise<Pick<KvKeyListOutput, 'items' | 'has_more' | 'next_seq'>> {
  const envelope = await caller.call('kv-key-list', input);
  const hidden = isFailure(envelope) && (envelope.status_code === 403 || envelope.status_code === 404);
  if (hidden) return { items: [], has_more: false, next_seq: 0 };
  return dataOf(envelope, BUCKETS_URI) as unknown as KvKeyListOutput;
}

/** The start of the first bucket after this one; buckets are sorted by name. */
function firstOf(buckets: BucketInfo[], after: string, listed: number): Cursor | undefined {
  const bucket = buckets.find(info => info.bucket > after)?.bucket;
  return bucket === undefined ? undefined : next({ bucket, start_seq: 0, listed });
}

function next(cursor: Cursor): Cursor | undefined {
  return cursor.listed < MAX_KEYS ? cursor : undefined;
}

function withNext(resources: Resource[], at: Cursor | undefined): ListResourcesResult {
  return at
    ? { resources, nextCursor: Buffer.from(JSON.stringify(at)).toString('base64url') }
    : { resources };
}

function toResource({ bucket, description, values, last_modified_at }: BucketInfo): Resource {
  return {
    uri: bucketUri(bucket),
    name: bucket,
    title: `Bucket ${bucket}`,
    description: description || `A bucket with ${values} keys.`,
    mimeType: 'application/json',
    ...(last_modified_at && { annotations: { lastModified: last_modified_at } }),
  };
}

function keyResource(bucket: string, key: string, lastModified: string): Resource {
  return { uri: keyUri(bucket, key), name: `${bucket}/${key}`, annotations: { lastModified } };
}

function readCursor(text: string): Cursor {
  try {
    const { bucket, start_seq, listed } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const fits =
      typeof bucket === 'string' && Number.isSafeInteger(start_seq) && Number.isSafeInteger(listed);
    if (fits && start_seq >= 0 && listed >= 0 && listed < MAX_KEYS) return { bucket, start_seq, listed };
  } catch {
    // Told below.
  }
  throw invalidField(
    '/cursor',
    'is no cursor of this list; pass nextCursor as it came, or none for the first page',
  );
}
