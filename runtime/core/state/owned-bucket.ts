import { invalidField, PackError } from '../../../contract/errors.ts';
import type { BucketFault, OwnBucket } from '../../../contract/own-buckets.ts';
import { bucketFaults, faultWords, unmet } from '../../../contract/own-buckets.ts';
import type { BucketInfo } from '../../../contract/types.gen.ts';
import type { Call } from '../call.ts';
import { untilOwnDeadline } from '../own-deadline.ts';
import type { KvStore } from '../ports/kv-store.ts';

/** What of the key-value store it needs. */
export type BucketStore = Pick<
  KvStore,
  'requireTransactions' | 'createBucket' | 'bucketInfo' | 'updateBucket'
>;

/** Which bucket, and how a message points to it. */
export interface OwnedBucketOptions extends OwnBucket {
  name: string;
  /** JSON pointer of the caller's field that may name the bucket: then its options are its owner's, and not mended. */
  pointer?: string;
  /** Whether its options are mended though callers may name it: under the name that kvflow gave it it is kvflow's. Default: false. */
  isOurs?: boolean;
}

/** A bucket of kvflow's own: made on first use, and again when somebody deleted it. */
export interface OwnedBucket {
  /** When the bucket was created (RFC 3339). Asks NATS once, for all who wait for it: each until its own deadline. */
  ready(call: Call): Promise<string>;
  /** Whether it is ready as far as is known: `ready` would ask nothing. */
  isReady(): boolean;
  /** Whether an error may come from what others made of the bucket; then the next call looks at it again. */
  blames(error: unknown): boolean;
  forget(): void;
  /**
   * Does work on the bucket once it is ready. Work that fails because the bucket was deleted or changed is done once
   * more: what it wrote was refused, so nothing happens twice.
   */
  use<T>(call: Call, work: () => Promise<T>): Promise<T>;
}

/** One guard for each bucket of a store: what is known of it goes on from call to call. */
const shared = new WeakMap<BucketStore, Map<string, OwnedBucket>>();

/** Making one has failed after so long, whoever asked for it first, so that who asks next begins anew; milliseconds. */
const MAKE_MS = 30_000;
const MAKE_TRIES = 5;

/** No bucket may be made, by this user or with these options: one that somebody made beforehand is there all the same. */
const REFUSED = ['FORBIDDEN', 'INVALID_INPUT', 'BUCKET_FULL'] as const;
const OTHERS_DOING = ['BUCKET_NOT_FOUND', 'VALUE_TOO_LARGE', 'BUCKET_FULL', 'INVALID_INPUT'];

/**
 * The guard of one bucket of ours. A bucket that somebody made first keeps its options, but for those kvflow cannot work
 * with: under a name of kvflow's own they are mended, so that nobody else's calls break. What cannot be mended, or is in
 * a bucket that callers may name, is an INVALID_INPUT from `ready`, which says what to change. UNSUPPORTED where it cannot
 * have the transactions that it is used with.
 */
export function ownedBucket(kv: BucketStore, options: OwnedBucketOptions): OwnedBucket {
  let making: Promise<string> | undefined;
  let isMade = false;
  return { ready, isReady: () => isMade, blames, forget, use };

  function ready(call: Call): Promise<string> {
    making ??= begin();
    return isMade ? making : untilOwnDeadline(call, making, late);
  }

  function begin(): Promise<string> {
    const mine = make(kv, { deadline: Date.now() + MAKE_MS }, options);
    mine.then(
      () => {
        if (making === mine) isMade = true;
      },
      () => {
        if (making === mine) forget();
      },
    );
    return mine;
  }

  function blames(error: unknown): boolean {
    return error instanceof PackError && (OTHERS_DOING.includes(error.code) || turnedOff(error));
  }

  /** Somebody turned the transactions off that the bucket is used with. */
  function turnedOff({ code, details }: PackError): boolean {
    return (
      options.transactionsFor !== undefined && code === 'UNSUPPORTED' && details.needs === 'transactions'
    );
  }

  function forget(): void {
    making = undefined;
    isMade = false;
  }

  async function use<T>(call: Call, work: () => Promise<T>): Promise<T> {
    await ready(call);
    try {
      return await work();
    } catch (error) {
      if (!blames(error)) throw error;
      forget();
      await ready(call);
      return await work();
    }
  }
}

/** The guard of a bucket that is used in many calls: asks once whether it is there, and again when somebody deleted it. */
export function sharedOwnedBucket(kv: BucketStore, options: OwnedBucketOptions): OwnedBucket {
  const buckets = shared.get(kv) ?? new Map<string, OwnedBucket>();
  shared.set(kv, buckets);
  const id = `${options.name} ${options.pointer ?? ''}`;
  const owned = buckets.get(id) ?? ownedBucket(kv, options);
  buckets.set(id, owned);
  return owned;
}

/** One that somebody deletes while it is looked at is made again. */
async function make(kv: BucketStore, call: Call, options: OwnedBucketOptions): Promise<string> {
  for (let tries = 0; tries < MAKE_TRIES; tries++) {
    const made = await madeOnce(kv, call, options).catch(unlessDeleted);
    if (made !== undefined) return made;
  }
  throw new PackError(
    'UNAVAILABLE',
    `Bucket "${options.name}" is deleted by others as soon as it is there. Try again.`,
  );
}

async function madeOnce(kv: BucketStore, call: Call, options: OwnedBucketOptions): Promise<string> {
  if (options.transactionsFor !== undefined) await kv.requireTransactions(call, options.transactionsFor);
  try {
    const { created, info } = await kv.createBucket(call, options.name, options.options);
    if (!created) await giveTransactions(kv, call, { info, options });
    return info.created_at;
  } catch (error) {
    if (isCode(error, 'BUCKET_EXISTS')) return await mended(kv, call, options);
    if (!REFUSED.some(code => isCode(error, code))) throw error;
    return await mended(kv, call, options).catch(cause => {
      throw isCode(cause, 'BUCKET_NOT_FOUND') ? error : cause;
    });
  }
}

function unlessDeleted(error: unknown): undefined {
  if (!isCode(error, 'BUCKET_NOT_FOUND')) throw error;
}

function isCode(error: unknown, code: PackError['code']): boolean {
  return error instanceof PackError && error.code === code;
}

async function mended(kv: BucketStore, call: Call, options: OwnedBucketOptions): Promise<string> {
  const info = await kv.bucketInfo(call, options.name);
  const isOurs = options.pointer === undefined || options.isOurs === true;
  const faults = isOurs ? bucketFaults(info, options.needs) : unmet(info, options.needs);
  if (!isOurs && faults.length > 0) throw unusable(options, faults);
  const changes = Object.fromEntries(faults.map(({ option, needed }) => [option, needed]));
  // A mirror holds another bucket's data, and a key's encoding cannot be changed: both are for its owner to decide.
  if ('mirror' in changes || 'key_encoding' in changes) throw unusable(options, faults);
  if (faults.length > 0) {
    await kv.updateBucket(call, options.name, changes).catch(cause => {
      throw isCode(cause, 'BUCKET_NOT_FOUND') ? cause : unusable(options, faults, cause);
    });
  }
  await giveTransactions(kv, call, { info, options });
  return info.created_at;
}

/** Turns transactions on in a bucket of ours that was made without. Throws where it cannot have them and is no use without. */
async function giveTransactions(
  kv: BucketStore,
  call: Call,
  { info, options: { transactionsFor } }: { info: BucketInfo; options: OwnedBucketOptions },
): Promise<void> {
  if (transactionsFor === undefined) return await turnOnTransactions(kv, call, info);
  if (info.transactions) return;
  if (info.mirror) {
    const message = `${transactionsFor} writes several keys in one commit, which bucket "${info.bucket}" cannot, as a mirror: name bucket "${info.mirror.name}".`;
    throw new PackError('UNSUPPORTED', message, { details: { needs: `bucket ${info.mirror.name}` } });
  }
  await kv.updateBucket(call, info.bucket, { transactions: true });
}

/**
 * Turns transactions on in a bucket of ours that was made without. Never fails: not on a server that is too old, nor by
 * somebody who may not; what needs them says so.
 */
export async function turnOnTransactions(kv: BucketStore, call: Call, info: BucketInfo): Promise<void> {
  if (info.transactions || info.mirror) return;
  await kv.updateBucket(call, info.bucket, { transactions: true }).catch(() => undefined);
}

function late(): PackError {
  return new PackError('UNAVAILABLE', 'A bucket of kvflow was not made in time. Try again.');
}

function unusable({ name, pointer, isOurs }: OwnedBucketOptions, faults: BucketFault[], cause?: unknown) {
  const out = pointer === undefined || isOurs ? 'Delete it, to have it made again' : 'Name another';
  const error = invalidField(
    pointer ?? '',
    `Bucket "${name}" holds state of kvflow and was made with other options: it needs ${faultWords(faults)}. ${out}, or change it.`,
  );
  return Object.assign(error, { cause });
}
