import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { bucketNotFound } from '../../errors.ts';
import type { StreamInfo } from '../../stream-types.ts';
import { markOf, repairAside } from './aside.ts';
import type { BucketHandle, Handles } from './handles.ts';

/** Nobody answered for a bucket: it does not exist, or it has no leader right now. */
export async function whyNobodyAnswers(
  handles: Handles,
  handle: BucketHandle,
  call: Call,
): Promise<PackError> {
  handles.drop(handle.bucket);
  let info: StreamInfo | undefined;
  try {
    info = await handle.api.streamInfo(call, handle.stream);
    const taker = handle.origin.stream === handle.stream ? info : await originInfo(call, handle);
    if (taker && markOf(taker.config)) {
      await repairAside(call, handle.origin.api, taker);
      return beingCopied(handle.origin.bucket);
    }
  } catch (error) {
    if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return bucketNotFound(handle.bucket);
    if (error instanceof PackError) return error;
    throw error;
  }
  const name = info.config.mirror ? `the origin of mirror "${handle.bucket}"` : `bucket "${handle.bucket}"`;
  return new PackError(
    'UNAVAILABLE',
    `No server answers for ${name} right now: it has no leader or is out of reach. Try again.`,
  );
}

function originInfo(call: Call, { origin }: BucketHandle): Promise<StreamInfo | undefined> {
  return origin.api.streamInfo(call, origin.stream).catch(() => undefined);
}

/** Passes: writes wait for it. */
function beingCopied(bucket: string): PackError {
  return new PackError(
    'UNAVAILABLE',
    `Bucket "${bucket}" is being backed up and takes no writes for a moment; nothing was written. Try again.`,
    { details: { being_copied: true } },
  );
}
