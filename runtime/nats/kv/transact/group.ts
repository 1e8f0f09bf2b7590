import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { isStoreFault } from '../../errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { Outgoing } from '../write/outgoing.ts';
import { checkSize } from '../write/refusals.ts';
import { endMarker } from '../write/ttl.ts';
import type { SendBatch } from './batch.ts';

/** Stores a message without a condition and answers its revision. */
export type Store = (call: Call, handle: BucketHandle, message: Outgoing) => Promise<number>;

/** What groups are made with. */
export interface GroupDependencies {
  storeAlone: Store;
  sendBatch: SendBatch;
  maxPayload(): number;
}

interface Waiting {
  call: Call;
  message: Outgoing;
  resolve(revision: number): void;
  reject(error: unknown): void;
}

/** The writes of one stream. */
interface Stream {
  /** As the last caller found the bucket. */
  handle: BucketHandle;
  alone: number;
  group: boolean;
  waiting: Waiting[];
}

/** So many are on their way by themselves before one waits: enough to keep the server at work. */
const MAX_ALONE = 64;
/** A commit of fewer takes longer than they take by themselves. */
const MIN_TOGETHER = 64;
const MAX_TOGETHER = 1_000;
/** Larger values gain nothing: writing them takes longer than the disk's answer. */
const LARGEST = 16 * 1024;

/**
 * Makes the store of unconditional writes of one connection. On file the server syncs the disk for each message, or once
 * for a commit of many; so where very many writes of one bucket are on their way, those that would only wait for the
 * others are committed together. Each is answered its own revision, after its commit. Few are never held back: one waits
 * only behind {@link MAX_ALONE} others. Writes are sent in the order in which they were asked for.
 */
export function createGroupStore({ storeAlone, sendBatch, maxPayload }: GroupDependencies): Store {
  const streams = new Map<string, Stream>();

  return (call, handle, message) => {
    if (!pays(handle, message)) return storeAlone(call, handle, message);
    let stream = streams.get(handle.bucket);
    if (!stream) {
      stream = { handle, alone: 0, group: false, waiting: [] };
      streams.set(handle.bucket, stream);
    }
    stream.handle = handle;
    if (stream.waiting.length === 0 && !stream.group && stream.alone < MAX_ALONE) {
      return alone(stream, { call, message });
    }
    // Before it is with others, whom it would fail.
    checkSize(handle, message.value, maxPayload());
    return new Promise((resolve, reject) => stream.waiting.push({ call, message, resolve, reject }));
  };

  function alone(stream: Stream, { call, message }: Pick<Waiting, 'call' | 'message'>): Promise<number> {
    stream.alone += 1;
    const stored = storeAlone(call, stream.handle, message);
    const ended = () => {
      stream.alone -= 1;
      goOn(stream);
    };
    stored.then(ended, ended);
    return stored;
  }

  function goOn(stream: Stream): void {
    if (stream.group) return;
    if (stream.waiting.length >= MIN_TOGETHER) void together(stream, stream.waiting.splice(0, MAX_TOGETHER));
    else {
      for (const each of stream.waiting.splice(0, Math.max(0, MAX_ALONE - stream.alone))) {
        alone(stream, each).then(each.resolve, each.reject);
      }
    }
    if (stream.alone === 0 && !stream.group && stream.waiting.length === 0)
      streams.delete(stream.handle.bucket);
  }

  async function together(stream: Stream, group: Waiting[]): Promise<void> {
    stream.group = true;
    try {
      const deadline = Math.max(...group.map(({ call }) => call.deadline));
      const messages = group.map(({ message }) => message);
      const outcome = await sendBatch({ deadline }, stream.handle, messages);
      if (outcome === 'refused') throw new Error('a commit without conditions was refused');
      for (const [index, { resolve }] of group.entries()) resolve(outcome.first + index);
    } catch (error) {
      if (isOfAll(error)) for (const { reject } of group) reject(error);
      // What one of them was refused for is the answer of that one alone.
      else
        for (const { call, message, resolve, reject } of group)
          storeAlone(call, stream.handle, message).then(resolve, reject);
    } finally {
      // Who was answered and puts again is in the next group: half as many syncs of the disk.
      setImmediate(() => {
        stream.group = false;
        goOn(stream);
      });
    }
  }
}

function pays(handle: BucketHandle, message: Outgoing): boolean {
  const { config, origin } = handle;
  if (config.storage !== 'file' || !config.allow_atomic || origin.bucket !== handle.bucket) return false;
  return message.value.length <= LARGEST && !endMarker(handle, message);
}

/** Nobody knows what became of the commit, NATS is away, or the files of the stream are at fault. */
function isOfAll(error: unknown): boolean {
  return (
    error instanceof PackError &&
    (error.code === 'TIMEOUT' || error.code === 'UNAVAILABLE' || isStoreFault(error))
  );
}
