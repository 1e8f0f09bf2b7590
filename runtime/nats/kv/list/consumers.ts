import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import { noAnswer } from '../../request-errors.ts';
import { silenceMs } from '../../silence.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { isCaughtUp } from './caught-up.ts';

/** The server ends a consumer that nobody read from for this long. */
const INACTIVE_NS = 60_000_000_000;
/** How long the end of a consumer that nobody needs is waited for. */
const END_MS = 5_000;

/** What kind of consumer; the rest is the same for all of ours. */
export interface ConsumerStart {
  deliver_policy: 'by_start_sequence' | 'by_start_time' | 'last_per_subject';
  opt_start_seq?: number;
  /** RFC 3339. */
  opt_start_time?: string;
  filter_subject?: string;
  /** In its place, where there are several. */
  filter_subjects?: string[];
  headers_only?: boolean;
}

/** A consumer that was made. */
export interface Consumer {
  name: string;
  /** How many messages it begins with. */
  begins: number;
  /** The server that has it, in a cluster. */
  server?: string | undefined;
}

/**
 * Makes a pull consumer that leaves nothing behind: kept in memory, ended when nobody reads. A cluster may give it to a server
 * that died or hangs, which is told by silence alone: then another is asked for beside it, and the first that answers is taken. One
 * on a server that is behind is not taken.
 */
export async function createConsumer(
  call: Call,
  handle: BucketHandle,
  start: ConsumerStart,
): Promise<Consumer> {
  if (!handle.clustered) return await create(call, handle, start);
  for (;;) {
    const made = await createAnywhere(call, handle, start);
    if (await isCaughtUp(call, handle, made.server)) return made;
    void endOther(handle, Promise.resolve(made));
    if (Date.now() >= call.deadline) throw noAnswer();
  }
}

async function createAnywhere(call: Call, handle: BucketHandle, start: ConsumerStart): Promise<Consumer> {
  const asked: Promise<Consumer>[] = [];
  const stop = new AbortController();
  try {
    for (let tries = 0; ; tries++) {
      asked.push(create(call, handle, start));
      const silence = sleep(silenceMs(tries), undefined, { signal: stop.signal });
      const first = await Promise.race([...asked, silence]);
      if (!first) continue;
      for (const other of asked) void endOther(handle, other, first);
      return first;
    }
  } finally {
    stop.abort();
  }
}

/** What the server answers. */
interface Made {
  num_pending?: number;
  cluster?: { leader?: string };
}

async function create(call: Call, handle: BucketHandle, start: ConsumerStart): Promise<Consumer> {
  // Short: it is part of every message that is delivered.
  const name = `kvf${randomBytes(8).toString('base64url')}`;
  const config = {
    ...start,
    name,
    ack_policy: 'none',
    replay_policy: 'instant',
    inactive_threshold: INACTIVE_NS,
    mem_storage: true,
    num_replicas: 1,
  };
  const request = { stream_name: handle.stream, config, action: 'create' };
  const endpoint = `CONSUMER.CREATE.${handle.stream}.${name}`;
  const about = `bucket "${handle.bucket}"`;
  const { num_pending, cluster } = await handle.api.ask<Made>(call, endpoint, request, about);
  return { name, begins: num_pending ?? 0, server: cluster?.leader };
}

/** Ends a consumer that was answered after another, or that is of no use. One that is never answered the server ends when nobody reads. */
async function endOther(handle: BucketHandle, other: Promise<Consumer>, taken?: Consumer): Promise<void> {
  try {
    const { name } = await other;
    if (name === taken?.name) return;
    const soon = { deadline: Date.now() + END_MS };
    await handle.api.ask(
      soon,
      `CONSUMER.DELETE.${handle.stream}.${name}`,
      undefined,
      `bucket "${handle.bucket}"`,
    );
  } catch {
    // It is gone, or ends by itself.
  }
}
