import type { Call } from './call.ts';
import { isPlainStream } from './origin-names.ts';
import type { BucketChanges, BucketOptions } from './ports/buckets.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { Principal } from './principal.ts';
import { authorizeBucket, EVERYTHING, mayUseBucket } from './principal.ts';
import { authorizeSubject } from './subject-rights.ts';

const made = new WeakMap<KvStore, WeakMap<Principal, KvStore>>();

/**
 * The store as a principal may use it: every bucket is checked where it is used, so that no function can forget to. A write
 * through a mirror needs the bucket that it is stored in, a copy the bucket that it copies, a republished subject the
 * subject. Throws FORBIDDEN. The same for the same principal.
 */
export function scopedKv(kv: KvStore, who: Principal): KvStore {
  if (who === EVERYTHING) return kv;
  const known = made.get(kv) ?? new WeakMap<Principal, KvStore>();
  made.set(kv, known);
  const before = known.get(who);
  if (before) return before;
  const scoped = makeScopedKv(kv, who);
  known.set(who, scoped);
  return scoped;
}

function makeScopedKv(kv: KvStore, who: Principal): KvStore {
  const allowed = (bucket: string): void => authorizeBucket(who, bucket);

  const mayAll = who.buckets.includes('*');
  /** Who may use every bucket may use every origin: nothing is asked, and there is nothing to wait for. */
  function writable(call: Call, bucket: string): Promise<void> | undefined {
    if (mayAll) return undefined;
    allowed(bucket);
    return kv.storedIn(call, bucket).then(allowed);
  }

  return {
    createBucket: async (call, bucket, options) => {
      allowed(bucket);
      checkOptions(who, options);
      return await kv.createBucket(call, bucket, options);
    },
    updateBucket: async (call, bucket, changes) => {
      allowed(bucket);
      checkOptions(who, changes);
      return await kv.updateBucket(call, bucket, changes);
    },
    listBuckets: async call => {
      const { buckets, unavailable } = await kv.listBuckets(call);
      return {
        buckets: buckets.filter(({ bucket }) => mayUseBucket(who, bucket)),
        unavailable: unavailable.filter(bucket => mayUseBucket(who, bucket)),
      };
    },
    accountInfo: call => kv.accountInfo(call),
    requireTransactions: (call, what) => kv.requireTransactions(call, what),
    ...readers(kv, who),
    ...writers(kv, writable),
    backup: async (call, bucket) => {
      allowed(bucket);
      return await kv.backup(call, bucket);
    },
    copyBucket: async (call, copy) => {
      allowed(copy.bucket);
      allowed(copy.to);
      return await kv.copyBucket(call, copy);
    },
    restore: async (call, what) => {
      allowed(what.bucket);
      // A backup comes from anywhere: where its bucket republishes to is checked as in any other.
      const { republish } = what.header.config as Pick<BucketOptions, 'republish'>;
      if (republish) authorizeSubject(who, republish.dest);
      await kv.restore(call, what);
    },
    deleteBucket: async (call, bucket) => {
      allowed(bucket);
      await kv.deleteBucket(call, bucket);
    },
  };
}

function checkOptions(who: Principal, { mirror, sources, republish }: BucketOptions | BucketChanges): void {
  for (const origin of [mirror, ...(sources ?? [])]) {
    // A stream that is no bucket is nobody's by name: only who may use every bucket may read it.
    if (origin) authorizeBucket(who, isPlainStream(origin) ? '*' : bucketOf(origin.name));
  }
  if (republish) authorizeSubject(who, republish.dest);
}

/** The bucket behind an origin's name, which may be given as a bucket or as its stream. */
export function bucketOf(name: string): string {
  return name.startsWith('KV_') ? name.slice('KV_'.length) : name;
}

type Readers =
  | 'bucketInfo'
  | 'now'
  | 'incarnation'
  | 'storedIn'
  | 'get'
  | 'getMany'
  | 'getManyWithin'
  | 'getTogether'
  | 'listPage'
  | 'listDeleted'
  | 'historyPage'
  | 'newestChanges'
  | 'storedPage'
  | 'history'
  | 'keys'
  | 'watch';

function readers(kv: KvStore, who: Principal): Pick<KvStore, Readers> {
  const mayUse = (bucket: string): boolean => mayUseBucket(who, bucket);
  const read = async <T>(bucket: string, work: () => Promise<T> | T): Promise<T> => {
    authorizeBucket(who, bucket);
    return await work();
  };
  return {
    now: (call, bucket) => read(bucket, () => kv.now(call, bucket)),
    bucketInfo: (call, bucket, options) => read(bucket, () => kv.bucketInfo(call, bucket, options)),
    // Undefined says that nothing may be remembered: whoever reads next is refused.
    incarnation: (call, bucket) => (mayUse(bucket) ? kv.incarnation(call, bucket) : undefined),
    storedIn: (call, bucket) => read(bucket, () => kv.storedIn(call, bucket)),
    get: (call, at) => read(at.bucket, () => kv.get(call, at)),
    getMany: (call, bucket, keys) => read(bucket, () => kv.getMany(call, bucket, keys)),
    getManyWithin: (call, bucket, keys, bytes) =>
      read(bucket, () => kv.getManyWithin(call, bucket, keys, bytes)),
    getTogether: (call, bucket, keys) => read(bucket, () => kv.getTogether(call, bucket, keys)),
    listPage: (call, page) => read(page.bucket, () => kv.listPage(call, page)),
    listDeleted: (call, page) => read(page.bucket, () => kv.listDeleted(call, page)),
    historyPage: (call, page) => read(page.bucket, () => kv.historyPage(call, page)),
    newestChanges: (call, range) => read(range.bucket, () => kv.newestChanges(call, range)),
    storedPage: (call, page) => read(page.bucket, () => kv.storedPage(call, page)),
    history: (call, bucket, key) => read(bucket, () => kv.history(call, bucket, key)),
    keys: (call, bucket, filter) => read(bucket, () => kv.keys(call, bucket, filter)),
    watch: (call, range) => read(range.bucket, () => kv.watch(call, range)),
  };
}

type Writers =
  | 'put'
  | 'putMany'
  | 'storeMany'
  | 'importHistory'
  | 'transact'
  | 'remove'
  | 'erase'
  | 'noteCompaction'
  | 'touch'
  | 'increment';

function writers(
  kv: KvStore,
  writable: (call: Call, bucket: string) => Promise<void> | undefined,
): Pick<KvStore, Writers> {
  const write =
    <In extends { bucket: string }, Out>(work: (call: Call, input: In) => Promise<Out>) =>
    async (call: Call, input: In): Promise<Out> => {
      const checked = writable(call, input.bucket);
      if (checked) await checked;
      return await work(call, input);
    };
  return {
    put: write(kv.put),
    putMany: async (call, bucket, puts) => {
      await writable(call, bucket);
      return await kv.putMany(call, bucket, puts);
    },
    storeMany: async (call, bucket, puts) => {
      await writable(call, bucket);
      return await kv.storeMany(call, bucket, puts);
    },
    importHistory: write(kv.importHistory),
    transact: write(kv.transact),
    remove: write(kv.remove),
    erase: write(kv.erase),
    noteCompaction: write(kv.noteCompaction),
    touch: write(kv.touch),
    increment: write(kv.increment),
  };
}
