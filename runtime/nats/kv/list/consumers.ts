import { randomBytes } from 'node:crypto';
import type { Call } from '../../../core/call.ts';
import type { BucketHandle } from '../bucket/handles.ts';

/** The server ends a consumer that nobody read from for this long. */
const INACTIVE_NS = 60_000_000_000;

/** Short: it is part of every message that is delivered. */
export function consumerName(): string {
  return `kvf${randomBytes(8).toString('base64url')}`;
}

/** What kind of consumer; the rest is the same for all of ours. */
export interface ConsumerStart {
  name: string;
  deliver_policy: 'by_start_sequence' | 'last_per_subject';
  opt_start_seq?: number;
  filter_subject?: string;
  headers_only?: boolean;
}

/** Makes a pull consumer that leaves nothing behind: kept in memory, ended when nobody reads. How many messages it begins with. */
export async function createConsumer(
  call: Call,
  handle: BucketHandle,
  start: ConsumerStart,
): Promise<number> {
  const config = {
    ...start,
    ack_policy: 'none',
    replay_policy: 'instant',
    inactive_threshold: INACTIVE_NS,
    mem_storage: true,
    num_replicas: 1,
  };
  const request = { stream_name: handle.stream, config, action: 'create' };
  const endpoint = `CONSUMER.CREATE.${handle.stream}.${start.name}`;
  const about = `bucket "${handle.bucket}"`;
  return (await handle.api.ask<{ num_pending?: number }>(call, endpoint, request, about)).num_pending ?? 0;
}
