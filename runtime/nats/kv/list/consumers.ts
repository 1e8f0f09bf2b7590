import { randomBytes } from 'node:crypto';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { isUnanswered, noAnswer } from '../../request-errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { isCaughtUp } from './caught-up.ts';
import type { Making } from './first-made.ts';
import { firstMade } from './first-made.ts';

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
 * Makes a pull consumer that leaves nothing behind: kept in memory, ended when nobody reads. Of those that a cluster was asked for the
 * first that is there is taken. One on a server that is behind is not taken.
 */
export async function createConsumer(
  call: Call,
  handle: BucketHandle,
  start: ConsumerStart,
): Promise<Consumer> {
  if (!handle.clustered) return await create(call, handle, start);
  for (;;) {
    const made = await createAnywhere(call, handle, start);
    let isFit = false;
    try {
      isFit = await isCaughtUp(call, handle, made.server);
    } finally {
      if (!isFit) void endConsumer(handle, made);
    }
    if (isFit) return made;
    if (Date.now() >= call.deadline) throw noAnswer();
  }
}

/** All that were asked for are ended but the one that is taken, also where none is, and also those that nobody answered for yet. */
async function createAnywhere(call: Call, handle: BucketHandle, start: ConsumerStart): Promise<Consumer> {
  const asked: Asked[] = [];
  let taken: Consumer | undefined;
  try {
    taken = await firstMade(call, handle.api.doubt, () => {
      const one = askFor(call, handle, start);
      asked.push(one);
      return one;
    });
    return taken;
  } finally {
    for (const other of asked) if (other.name !== taken?.name) other.letGo();
  }
}

/** A consumer that the cluster was asked for. */
interface Asked extends Making<Consumer> {
  name: string;
}

function askFor(call: Call, handle: BucketHandle, start: ConsumerStart): Asked {
  const name = newName();
  const turn = { deadline: call.deadline };
  const made = create(turn, handle, start, name);
  let isOver = false;
  made.catch((error: unknown) => {
    isOver ||= !isUnanswered(error);
  });
  return { name, made, look: looking => lookFor(looking, handle, name), letGo };

  function letGo(): void {
    if (isOver) return;
    isOver = true;
    turn.deadline = 0;
    void endConsumer(handle, { name });
  }
}

/**
 * A consumer as its server knows it; undefined: the cluster never heard that it is to be made, or its server has not made it yet. Of one
 * that is not made yet the server tells its configuration alone, without a count (nats-server, jetstream_api.go: `jsConsumerInfoRequest`).
 */
async function lookFor(turn: Call, handle: BucketHandle, name: string): Promise<Consumer | undefined> {
  const endpoint = `CONSUMER.INFO.${handle.stream}.${name}`;
  try {
    const made = await handle.api.ask<Made>(turn, endpoint, undefined, `bucket "${handle.bucket}"`);
    return made.cluster?.leader ? toConsumer(name, made) : undefined;
  } catch (error) {
    if (error instanceof PackError && error.code === 'KEY_NOT_FOUND') return undefined;
    throw error;
  }
}

/** What the server answers. */
interface Made {
  num_pending?: number;
  cluster?: { leader?: string };
}

/** Short: it is part of every message that is delivered. */
function newName(): string {
  return `kvf${randomBytes(8).toString('base64url')}`;
}

async function create(
  call: Call,
  handle: BucketHandle,
  start: ConsumerStart,
  name = newName(),
): Promise<Consumer> {
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
  return toConsumer(name, await handle.api.ask<Made>(call, endpoint, request, about));
}

function toConsumer(name: string, { num_pending, cluster }: Made): Consumer {
  return { name, begins: num_pending ?? 0, server: cluster?.leader };
}

/** Ends a consumer that nobody needs. One that cannot be ended, such as one whose server is away, the server ends when nobody reads. */
export async function endConsumer(handle: BucketHandle, { name }: Pick<Consumer, 'name'>): Promise<void> {
  const soon = { deadline: Date.now() + END_MS };
  const endpoint = `CONSUMER.DELETE.${handle.stream}.${name}`;
  // It is gone, or ends by itself.
  await handle.api.ask(soon, endpoint, undefined, `bucket "${handle.bucket}"`).catch(() => undefined);
}
