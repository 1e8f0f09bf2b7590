import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { isAside, moveAside, notAside, putBack } from '../bucket/aside.ts';
import { createStream } from '../bucket/create-stream.ts';
import { readAtLeader } from '../read/leader-read.ts';
import { extraMessages } from './extra-messages.ts';
import { COPY_PREFIX, copyConfig, frozenConfig } from './helper-streams.ts';

/** A stream that holds what a bucket held at one moment. Disposing deletes it. */
export interface ExactCopy extends AsyncDisposable {
  stream: string;
  /** The bucket's stream at that moment. */
  of: StreamInfo;
  /** How long its writes had to wait, in milliseconds; 0: none did. */
  pausedMs: number;
}

/** What a copy is made with. */
export interface CopyOptions {
  api: JsApi;
  bucket: string;
  info: StreamInfo;
}

/** How long writes may have to wait: well under what is taken for a crash. */
const MAX_PAUSE_MS = 3_000;
const POLL_MS = 2;
/** A mirror that got no further for so long does not follow. */
const STALLED_MS = 15_000;
const MAX_TRIES = 4;
const CLEAN_UP_MS = 5_000;

/**
 * Copies a bucket as it stood at one moment. A mirror follows it until it has all; where nobody wrote meanwhile that is seen from
 * both, and else the bucket's subjects are moved aside until the mirror has the rest, and writes wait. Then the mirror is made an
 * ordinary stream, which follows nothing any more. @throws PackError UNSUPPORTED where that cannot be had.
 */
export async function makeExactCopy(call: Call, options: CopyOptions): Promise<ExactCopy> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const copy = await attempt(call, options).catch(error => Promise.reject(explained(error, options)));
    if (copy) return copy;
  }
  throw new PackError(
    'UNAVAILABLE',
    `Bucket "${options.bucket}" changed in other ways than by writes each time it was copied, such as by purges of its stream. Try again.`,
  );
}

/** Undefined: the bucket changed in a way that the copy cannot show. */
async function attempt(call: Call, options: CopyOptions): Promise<ExactCopy | undefined> {
  const { api, info } = options;
  const id = randomBytes(6).toString('hex');
  const stream = COPY_PREFIX + id;
  const { config } = await createStream(
    call,
    api,
    copyConfig(info, stream),
    `copy of bucket "${options.bucket}"`,
  );
  const dispose = async () => {
    const soon = { deadline: Date.now() + CLEAN_UP_MS };
    await api.ask(soon, `STREAM.DELETE.${stream}`, undefined, stream).catch(() => undefined);
  };
  try {
    await follow(call, options, stream);
    const made =
      (await withoutPause(call, options, config)) ?? (await withPause(call, options, { id, copy: config }));
    if (made) return { stream, ...made, [Symbol.asyncDispose]: dispose };
    await dispose();
    return undefined;
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Until the mirror has what there was when it was asked first. */
async function follow(call: Call, { api, info, bucket }: CopyOptions, stream: string): Promise<void> {
  let [before, since] = [-1, Date.now()];
  const goal = info.state.messages === 0 ? 0 : await lastSeq(call, api, info);
  for (;;) {
    const { state } = await api.streamInfo(call, stream);
    if (state.last_seq >= goal) return;
    if (state.last_seq !== before) [before, since] = [state.last_seq, Date.now()];
    if (Date.now() - since > STALLED_MS || Date.now() >= call.deadline)
      throw new PackError('UNAVAILABLE', `The copy of bucket "${bucket}" does not get on. Try again.`);
    await sleep(POLL_MS * 5);
  }
}

/** The sequence number of the last message there is: the stream's own counts those that are gone too. */
async function lastSeq(call: Call, api: JsApi, { config }: StreamInfo): Promise<number> {
  const at = { api, config, stream: config.name, bucket: config.name.slice('KV_'.length) };
  return (await readAtLeader(call, at, { last_by_subj: '>' }))?.seq ?? 0;
}

type Made = Pick<ExactCopy, 'of' | 'pausedMs'>;

/** Nothing changed between two looks at the bucket, and the copy is equal: then it is what the bucket was all the while. */
async function withoutPause(
  call: Call,
  { api, info }: CopyOptions,
  copy: StreamConfig,
): Promise<Made | undefined> {
  const before = await api.streamInfo(call, info.config.name);
  const mirror = await api.streamInfo(call, copy.name);
  const of = await api.streamInfo(call, info.config.name);
  if (!isEqual(before, of) || !isEqual(mirror, of)) return undefined;
  const frozen = await promote(call, api, copy);
  // What came between the look and the promotion is not what was compared.
  return isEqual(frozen, mirror) ? { of, pausedMs: 0 } : undefined;
}

function isEqual(one: StreamInfo, other: StreamInfo): boolean {
  const [a, b] = [one.state, other.state];
  return (
    a.messages === b.messages &&
    (a.messages === 0 || (a.last_seq === b.last_seq && a.first_seq === b.first_seq))
  );
}

async function withPause(
  call: Call,
  options: CopyOptions,
  { id, copy }: { id: string; copy: StreamConfig },
): Promise<Made | undefined> {
  const { api, info, bucket } = options;
  if ((await api.streamInfo(call, copy.name)).config.mirror === undefined) return undefined;
  refuseFollowers(info, bucket);
  const since = Date.now();
  // Whoever copies it too is waited for: each needs a moment of its own.
  const fresh = await notAside(call, api, () => api.streamInfo(call, info.config.name));
  await moveAside(call, api, fresh, id);
  let made: { of: StreamInfo; extra: number[] } | undefined;
  try {
    made = await whileAside(call, options, { id, copy, until: since + MAX_PAUSE_MS });
  } finally {
    await putBackSurely(api, info.config.name, id);
  }
  const pausedMs = Date.now() - since;
  if (!made) return undefined;
  for (const seq of made.extra)
    await api.ask(call, `STREAM.MSG.DELETE.${copy.name}`, { seq, no_erase: true }, copy.name);
  return { of: { ...made.of, config: fresh.config }, pausedMs };
}

async function whileAside(
  call: Call,
  { api, info, bucket }: CopyOptions,
  { id, copy, until }: { id: string; copy: StreamConfig; until: number },
) {
  for (;;) {
    const of = await api.streamInfo(call, info.config.name);
    const goal = await lastSeq(call, api, of);
    const mirror = await api.streamInfo(call, copy.name);
    const extra = mirror.state.last_seq >= goal ? await extraMessages(call, api, of, mirror) : undefined;
    if (extra) {
      await promote(call, api, copy);
      const after = await api.streamInfo(call, info.config.name);
      // Put back by somebody who took us for dead, or a message that was on its way came late.
      return isAside(after, id) && after.state.last_seq === of.state.last_seq ? { of, extra } : undefined;
    }
    if (Date.now() >= until) {
      throw new PackError(
        'UNAVAILABLE',
        `Bucket "${bucket}" could not be copied within ${MAX_PAUSE_MS / 1000} s, the longest its writes may wait. Try again when less is written.`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** What gathers or follows others is not written to by its subjects, so that it cannot be held still. */
function refuseFollowers({ config }: StreamInfo, bucket: string): void {
  const from = config.mirror ?? config.sources?.[0];
  if (!from && config.sealed !== true) return;
  throw new PackError(
    'UNSUPPORTED',
    `Bucket "${bucket}" follows "${from?.name ?? ''}", which is written to all the time: it has no moment that could be held. Back up that one, or try again when it is quiet; kvflow export --history takes what there is, at no single moment.`,
  );
}

async function promote(call: Call, api: JsApi, copy: StreamConfig): Promise<StreamInfo> {
  return await api.ask<StreamInfo>(
    call,
    `STREAM.UPDATE.${copy.name}`,
    frozenConfig(copy),
    `copy ${copy.name}`,
  );
}

/** Whatever else fails, writes go on. What cannot be done here is done by whoever writes or starts next. */
async function putBackSurely(api: JsApi, stream: string, id: string): Promise<void> {
  for (const end = Date.now() + CLEAN_UP_MS; ; await sleep(POLL_MS * 10)) {
    try {
      await putBack({ deadline: Date.now() + 1_000 }, api, stream, id);
      return;
    } catch (error) {
      if (Date.now() >= end) throw error;
    }
  }
}

/** The account may not make or change streams, or the server cannot make a mirror a stream of its own. */
function explained(error: unknown, { bucket }: CopyOptions): unknown {
  if (!(error instanceof PackError) || !['FORBIDDEN', 'INVALID_INPUT', 'IMMUTABLE'].includes(error.code))
    return error;
  return new PackError(
    'UNSUPPORTED',
    `Bucket "${bucket}" cannot be copied at one moment: ${error.message} It takes the right to make, change and delete streams, and nats-server 2.11. kvflow export --history needs neither, and is no single moment.`,
    { cause: error },
  );
}
