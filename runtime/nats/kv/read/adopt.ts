import type { Call } from '../../../core/call.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import type { KvPut, KvPutAnswer } from '../../../core/ports/writes.ts';
import type { BucketHandle, Handles, Opened } from '../bucket/handles.ts';
import type { BatchReader } from './batch.ts';
import type { StoredMessage } from './stored-message.ts';

/** Looks where the bucket has each of the keys; answers the last message of those that another client wrote otherwise. */
export type FindForms = (
  call: Call,
  handle: BucketHandle,
  keys: readonly string[],
) => Promise<Map<string, StoredMessage>>;

/**
 * Of a key that is stored under several forms the last write says what it is, and where it is written next. What nobody
 * wrote otherwise, which is nearly all, costs one request for any number of keys.
 */
export function createFindForms(batches: BatchReader): FindForms {
  return async (call, handle, keys) => {
    const { forms, choose } = handle.codec;
    const newest = new Map<string, StoredMessage>();
    if (!forms || !choose) return newest;
    const others = new Map(keys.map(key => [key, forms(key).slice(1)]));
    const found = await last(call, handle, [...others.values()].flat());
    const foreign = [...others].filter(([, names]) => names.some(name => found.has(name)));
    for (const [key, names] of others) if (!names.some(name => found.has(name))) choose(key, undefined);
    const owns = await last(
      call,
      handle,
      foreign.flatMap(([key]) => forms(key).slice(0, 1)),
    );
    for (const [key] of foreign) {
      const messages = forms(key).flatMap(name => found.get(name) ?? owns.get(name) ?? []);
      const message = messages.reduce((a, b) => (b.seq > a.seq ? b : a));
      newest.set(key, message);
      choose(key, message.subject.slice(handle.readPrefix.length));
    }
    return newest;
  };

  async function last(
    call: Call,
    handle: BucketHandle,
    names: string[],
  ): Promise<Map<string, StoredMessage>> {
    if (names.length === 0) return new Map();
    const { readPrefix } = handle;
    const messages = await batches.last(
      call,
      handle,
      names.map(name => readPrefix + name),
    );
    return new Map(messages.map(message => [message.subject.slice(readPrefix.length), message]));
  }
}

type ByKey =
  | 'put'
  | 'get'
  | 'getMany'
  | 'getManyWithin'
  | 'getTogether'
  | 'putMany'
  | 'storeMany'
  | 'transact'
  | 'history'
  | 'remove'
  | 'erase'
  | 'noteCompaction'
  | 'touch'
  | 'increment';

/** What a call on one key does, in a bucket that was opened for it already or is opened by it. */
type WorkOnKey<In, Out> = (call: Call, asked: In, opened?: Opened) => Promise<Out>;

/** The methods, of which `put` is made so often that it does not open the bucket once more. */
type Adopted = Pick<KvStore, Exclude<ByKey, 'put'>> & { put: WorkOnKey<KvPut, KvPutAnswer> };

/** A call on one key. */
interface OnKey {
  bucket: string;
  key: string;
  isOwn?: boolean;
}

/**
 * The methods that name keys, each of which looks for the forms of its keys first where a bucket has more than one; `get` does so by
 * itself.
 */
export function adopting(handles: Handles, find: FindForms, kv: Adopted): Pick<KvStore, ByKey> {
  const adopt = async (call: Call, opened: Opened, keys: readonly string[]): Promise<void> => {
    await find(call, await opened, keys);
  };
  /** Undefined for most buckets, which then wait for nothing. */
  const first = (call: Call, bucket: string, keys: readonly string[]): Promise<void> | undefined => {
    const opened = handles.open(call, bucket);
    return mayHaveForms(opened) ? adopt(call, opened, keys) : undefined;
  };
  const one =
    <In extends OnKey, Out>(work: WorkOnKey<In, Out>) =>
    (call: Call, asked: In): Promise<Out> => {
      const opened = handles.open(call, asked.bucket);
      const waits = mayHaveForms(opened) && !asked.isOwn;
      return waits ? adoptFirst(call, asked, { work, opened }) : work(call, asked, opened);
    };
  const adoptFirst = async <In extends OnKey, Out>(
    call: Call,
    asked: In,
    { work, opened }: { work: WorkOnKey<In, Out>; opened: Opened },
  ): Promise<Out> => {
    await adopt(call, opened, [asked.key]);
    return await work(call, asked, opened);
  };
  const many =
    <Rest extends unknown[], Out>(
      work: (call: Call, bucket: string, keys: string[], ...rest: Rest) => Promise<Out>,
    ) =>
    async (call: Call, bucket: string, keys: string[], ...rest: Rest): Promise<Out> => {
      await first(call, bucket, keys);
      return await work(call, bucket, keys, ...rest);
    };
  const puts =
    <Put extends { key: string }, Out>(
      work: (call: Call, bucket: string, all: readonly Put[]) => Promise<Out>,
    ) =>
    async (call: Call, bucket: string, all: readonly Put[]): Promise<Out> => {
      await first(
        call,
        bucket,
        all.map(({ key }) => key),
      );
      return await work(call, bucket, all);
    };
  return {
    put: one(kv.put),
    get: kv.get,
    remove: one(kv.remove),
    erase: one(kv.erase),
    noteCompaction: kv.noteCompaction,
    touch: one(kv.touch),
    increment: one(kv.increment),
    getMany: many(kv.getMany),
    getManyWithin: many(kv.getManyWithin),
    getTogether: many(kv.getTogether),
    history: async (call, bucket, key) => {
      await first(call, bucket, [key]);
      return await kv.history(call, bucket, key);
    },
    putMany: puts(kv.putMany),
    storeMany: puts(kv.storeMany),
    transact: async (call, asked) => {
      const { bucket, checks = [], operations, isOwn } = asked;
      if (isOwn) return await kv.transact(call, asked);
      const from = operations.flatMap(each => (each.op === 'change' && each.from ? [each.from] : []));
      await first(call, bucket, [...[...checks, ...operations].map(({ key }) => key), ...from]);
      return await kv.transact(call, asked);
    },
  };
}

function mayHaveForms(opened: Opened): boolean {
  return opened instanceof Promise || opened.codec.forms !== undefined;
}
