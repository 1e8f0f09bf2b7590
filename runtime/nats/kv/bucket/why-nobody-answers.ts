import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { bucketNotFound } from '../../errors.ts';
import { isAway } from '../../request-errors.ts';
import type { StreamInfo } from '../../stream-types.ts';
import { markOf, repairAside } from './aside.ts';
import type { BucketHandle, Handles } from './handles.ts';

/** Why nobody answered for a bucket. */
export interface Reason {
  error: PackError;
  /** Whether nobody answered this question either, as where JetStream itself is out of reach. */
  isOutOfReach: boolean;
}

/** Nobody answered for a bucket: it does not exist, or it has no leader right now. */
export async function whyNobodyAnswers(handles: Handles, handle: BucketHandle, call: Call): Promise<Reason> {
  handles.drop(handle.bucket);
  let info: StreamInfo | undefined;
  try {
    info = await handle.api.streamInfo(call, handle.stream);
    const taker = handle.origin.stream === handle.stream ? info : await originInfo(call, handle);
    // A mirror that never had anything may have been made before its origin.
    if (taker === 'gone' && info.state.last_seq > 0)
      return { error: bucketNotFound(handle.origin.bucket), isOutOfReach: false };
    if (taker && taker !== 'gone' && markOf(taker.config)) {
      await repairAside(call, handle.origin.api, taker);
      return { error: beingCopied(handle.origin.bucket), isOutOfReach: false };
    }
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    if (error.code === 'BUCKET_NOT_FOUND')
      return { error: bucketNotFound(handle.bucket), isOutOfReach: false };
    return { error, isOutOfReach: isAway(error) };
  }
  const name = info.config.mirror ? `the origin of mirror "${handle.bucket}"` : `bucket "${handle.bucket}"`;
  const error = new PackError(
    'UNAVAILABLE',
    `No server answers for ${name} right now: it has no leader or is out of reach. Try again.`,
  );
  return { error, isOutOfReach: false };
}

/** Undefined: nobody says. */
async function originInfo(call: Call, { origin }: BucketHandle): Promise<StreamInfo | 'gone' | undefined> {
  try {
    return await origin.api.streamInfo(call, origin.stream);
  } catch (error) {
    return error instanceof PackError && error.code === 'BUCKET_NOT_FOUND' ? 'gone' : undefined;
  }
}

/** Passes: writes wait for it. */
function beingCopied(bucket: string): PackError {
  return new PackError(
    'UNAVAILABLE',
    `Bucket "${bucket}" is being backed up and takes no writes for a moment; nothing was written. Try again.`,
    { details: { being_copied: true } },
  );
}
