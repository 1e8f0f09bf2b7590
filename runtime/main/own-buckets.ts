import { PackError } from '../../contract/errors.ts';
import { bucketFaults, faultWords, OWN_BUCKETS } from '../../contract/own-buckets.ts';
import type { BucketInfo } from '../../contract/types.gen.ts';
import type { Config } from '../config/config.ts';
import type { Call } from '../core/call.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import { turnOnTransactions } from '../core/state/owned-bucket.ts';

/** A bucket of kvflow's own that somebody made with options it cannot work with. */
export interface OwnBucketFault {
  bucket: string;
  /** What to change. */
  detail: string;
}

const LOOK_MS = 10_000;

/** Looks through the buckets of an account. */
export function ownBucketFaults(buckets: readonly BucketInfo[]): OwnBucketFault[] {
  return buckets.flatMap(info => {
    const own = Object.entries(OWN_BUCKETS).find(([name]) => name === info.bucket)?.[1];
    const faults = own ? bucketFaults(info, own.needs) : [];
    if (faults.length === 0) return [];
    const detail = `holds state of kvflow and was made with other options: it needs ${faultWords(faults)}. Change it, or delete it to have it made again.`;
    return [{ bucket: info.bucket, detail }];
  });
}

/** Warns of each, for those who start kvflow. A NATS that does not answer is told of where it is joined. */
export async function warnOfOwnBuckets(kv: KvStore, warn: (message: string) => void): Promise<void> {
  const found = await ownBuckets({ deadline: Date.now() + LOOK_MS }, kv);
  for (const { bucket, detail } of ownBucketFaults(found)) warn(`Bucket "${bucket}" ${detail}`);
}

/** What a NATS before 2.12 cannot do, in words; undefined where it can do all. Throws where it does not answer. */
export async function tooOldFor(
  kv: KvStore,
  { usersRecognition: { enabled, nats } }: Config,
): Promise<string | undefined> {
  const what = enabled && !nats ? 'What identify and $kv of scripts write' : '$kv of scripts';
  try {
    await kv.requireTransactions({ deadline: Date.now() + LOOK_MS }, what);
    return undefined;
  } catch (error) {
    if (error instanceof PackError && error.code === 'UNSUPPORTED') return error.message;
    throw error;
  }
}

/** Gives transactions to buckets of ours that a build before there were any made, so that the first call need not. */
export async function giveTransactions(kv: KvStore): Promise<void> {
  const call = { deadline: Date.now() + LOOK_MS };
  const found = await ownBuckets(call, kv);
  await Promise.all(found.map(info => turnOnTransactions(kv, call, info)));
}

async function ownBuckets(call: Call, kv: KvStore): Promise<BucketInfo[]> {
  const looks = Object.keys(OWN_BUCKETS).map(name => kv.bucketInfo(call, name).catch(() => undefined));
  return (await Promise.all(looks)).filter(info => info !== undefined);
}
