import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server';
import type { KvBucketListOutput, KvKeyListOutput } from '../../../contract/types.gen.ts';
import { isFailure } from '../../core/envelope.ts';
import type { McpCaller } from '../../core/mcp-caller.ts';

/** The protocol takes as many values. */
const MAX = 100;
/** Keys looked at for one completion. */
const MAX_KEYS = 1_000;

/** Buckets and keys that begin with what was typed, for arguments of prompts and of resource templates that are called so. */
export async function complete(
  caller: McpCaller,
  { argument, context }: CompleteRequestParams,
): Promise<CompleteResult> {
  const names = await namesFor(caller, argument, context?.arguments?.bucket);
  const fitting = names.filter(name => name.startsWith(argument.value));
  const values = fitting.slice(0, MAX);
  return { completion: { values, hasMore: fitting.length > MAX } };
}

/** What the caller may not list completes to nothing. */
async function namesFor(
  caller: McpCaller,
  { name, value }: CompleteRequestParams['argument'],
  bucket: string | undefined,
): Promise<string[]> {
  if (name === 'bucket') {
    const { buckets = [] } = await listed<KvBucketListOutput>(caller, 'kv-bucket-list', {});
    return buckets.map(info => info.bucket);
  }
  if (name !== 'key' || !bucket) return [];
  // Whole tokens narrow it down on the server.
  const filter = `${value.slice(0, value.lastIndexOf('.') + 1)}>`;
  const input = { bucket, filter, limit: MAX_KEYS, include_values: false };
  const { items = [] } = await listed<KvKeyListOutput>(caller, 'kv-key-list', input);
  return items.map(({ key }) => key).sort();
}

async function listed<Output>(caller: McpCaller, name: string, input: object): Promise<Partial<Output>> {
  const envelope = await caller.call(name, input);
  return isFailure(envelope) ? {} : (envelope.data as Output);
}
