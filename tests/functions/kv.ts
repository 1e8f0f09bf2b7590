import { expect } from '@jest/globals';
import type {
  BucketInfo,
  KvBucketCreateOutput,
  KvBucketDeleteOutput,
  KvBucketExportOutput,
  KvBucketImportOutput,
  KvBucketUpdateInput,
  KvKeyDeleteOutput,
  KvKeyGetManyOutput,
  KvKeyGetOutput,
  KvKeyHistoryOutput,
  KvKeyIncrementOutput,
  KvKeyListOutput,
  KvKeyPurgeOutput,
  KvKeyPutManyOutput,
  KvKeyPutOutput,
  KvKeyRevertOutput,
  KvKeyTouchOutput,
  KvKeyWatchOutput,
  KvTransactOutput,
} from '../../contract/types.gen.ts';
import { eventually } from '../support/eventually.ts';
import type { TestError, TestKvflow } from '../support/kvflow.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';

/** Nanoseconds. */
export const MS = 1_000_000;
/** Nanoseconds. */
export const SECOND = 1_000 * MS;

/** The functions on one bucket. Each must work; `fail` is for those that must not. */
export type TestBucket = ReturnType<typeof bucketOf>;

/** Names the bucket once. */
export function bucketOf(kvflow: TestKvflow, bucket: string) {
  const call = async <Output>(name: string, input: object = {}): Promise<Output> =>
    (await kvflow.call(name, { bucket, ...input })) as unknown as Output;
  return {
    create: (options: object = {}) => call<KvBucketCreateOutput>('kv-bucket-create', options),
    info: () => call<BucketInfo>('kv-bucket-info'),
    update: (changes: Omit<KvBucketUpdateInput, 'bucket'>) => call<BucketInfo>('kv-bucket-update', changes),
    drop: () => call<KvBucketDeleteOutput>('kv-bucket-delete', { confirm: bucket }),
    put: (key: string, value: unknown, more: object = {}) =>
      call<KvKeyPutOutput>('kv-key-put', { key, value, ...more }),
    putMany: (items: object[]) => call<KvKeyPutManyOutput>('kv-key-put-many', { items }),
    get: (key: string, more: object = {}) => call<KvKeyGetOutput>('kv-key-get', { key, ...more }),
    getMany: (keys: string[], more: object = {}) =>
      call<KvKeyGetManyOutput>('kv-key-get-many', { keys, ...more }),
    transact: (operations: object[], more: object = {}) =>
      call<KvTransactOutput>('kv-transact', { operations, ...more }),
    list: (more: object = {}) => call<KvKeyListOutput>('kv-key-list', more),
    history: (key: string) => call<KvKeyHistoryOutput>('kv-key-history', { key }),
    remove: (key: string, more: object = {}) => call<KvKeyDeleteOutput>('kv-key-delete', { key, ...more }),
    purge: (what: object) => call<KvKeyPurgeOutput>('kv-key-purge', what),
    revert: (key: string, revision: number, more: object = {}) =>
      call<KvKeyRevertOutput>('kv-key-revert', { key, revision, ...more }),
    touch: (key: string, more: object = {}) => call<KvKeyTouchOutput>('kv-key-touch', { key, ...more }),
    increment: (key: string, more: object = {}) =>
      call<KvKeyIncrementOutput>('kv-key-increment', { key, ...more }),
    watch: (more: object = {}) => call<KvKeyWatchOutput>('kv-key-watch', more),
    export: (more: object = {}) => call<KvBucketExportOutput>('kv-bucket-export', more),
    import: (records: object[], more: object = {}) =>
      call<KvBucketImportOutput>('kv-bucket-import', { records, ...more }),
    fail: (name: string, input: object = {}): Promise<TestError> => kvflow.fail(name, { bucket, ...input }),
  };
}

/** A bucket that was just made. */
export async function madeBucket(kvflow: TestKvflow, bucket: string, options: object = {}) {
  const made = bucketOf(kvflow, bucket);
  await made.create(options);
  return made;
}

/** kvflow on an empty NATS, and a bucket there that was just made. */
export async function startBucket(bucket: string, options: object = {}) {
  await using stack = new AsyncDisposableStack();
  const kvflow = stack.use(await startKvflow());
  const made = await madeBucket(kvflow, bucket, options);
  const kept = stack.move();
  return { ...made, kvflow, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/**
 * Waits until this kvflow knows the time of its server to ten milliseconds: it was measured by one question, which on a busy machine may
 * have been under way for long. Answers by how many milliseconds it is ahead.
 */
export async function clockIsRight(kvflow: TestKvflow, bucket: string): Promise<number> {
  return await eventually(async () => {
    await kvflow.nats.kv.now(soon(), bucket);
    // The bucket is known by now, and nothing is asked: both clocks are read at once.
    const ahead = -Date.now() + (await kvflow.nats.kv.now(soon(), bucket));
    if (Math.abs(ahead) <= 10) return ahead;
    await kvflow.call('kv-bucket-update', { bucket, description: crypto.randomUUID() });
    throw new Error(`the clock of the server is ${ahead} ms off`);
  });
}

/** The ways an item ends, each leaving its key as a reader finds it then. All want a bucket with key_ttl. */
export const ENDS: {
  name: string;
  operation: string;
  end(bucket: TestBucket, key: string): Promise<void>;
}[] = [
  {
    name: 'deleted',
    operation: 'delete',
    end: async (bucket, key) => {
      await bucket.put(key, 'old');
      await bucket.remove(key);
    },
  },
  {
    name: 'purged',
    operation: 'purge',
    end: async (bucket, key) => {
      await bucket.put(key, 'old');
      await bucket.purge({ key });
    },
  },
  {
    name: 'expired, still stored',
    operation: 'expire',
    end: async (bucket, key) => {
      await bucket.put(key, 'old', { ttl: 100 * MS });
      await ended(bucket, key);
    },
  },
  {
    name: 'expired, a marker in its place',
    operation: 'expire',
    end: async (bucket, key) => {
      const { revision } = await bucket.put(key, 'old', { ttl: 1 * SECOND });
      // The marker has a revision of its own.
      await eventually(async () => expect(await ended(bucket, key)).toBeGreaterThan(revision));
    },
  },
];

/** Until a reader finds that it has expired; answers the revision of what is left of it. */
async function ended(bucket: TestBucket, key: string): Promise<number> {
  return await eventually(async () => {
    const last = (await bucket.history(key)).items.at(-1);
    expect(last?.operation).toBe('expire');
    return last?.revision ?? 0;
  });
}
