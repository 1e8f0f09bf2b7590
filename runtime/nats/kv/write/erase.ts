import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { KvErase } from '../../../core/ports/writes.ts';
import { isConnectionLost, isUnanswered } from '../../request-errors.ts';
import { ASK_AGAIN_MS } from '../../silence.ts';
import type { Handles } from '../bucket/handles.ts';

/**
 * Makes the eraser of one connection: the server's own purge, which writes no marker. Of one subject it costs as much as a
 * put; of a pattern the server reads through the whole stream.
 */
export function createErase(handles: Handles): (call: Call, what: KvErase) => Promise<boolean> {
  return async (call, { bucket, key, upTo }) => {
    const handle = await handles.open(call, bucket);
    const { api, stream, readPrefix } = handle.origin;
    const request = {
      filter: readPrefix + handle.codec.encode(key),
      // The server takes the first sequence number that is to stay; without one it takes all.
      ...(upTo < Number.MAX_SAFE_INTEGER && { seq: upTo + 1 }),
    };
    for (;;) {
      // Erasing twice up to a revision does no harm, and one subject takes the server no time: nobody leads, or the answer is lost.
      const silence = 'seq' in request ? ASK_AGAIN_MS : Number.POSITIVE_INFINITY;
      const turn = { deadline: Math.min(call.deadline, Date.now() + silence) };
      try {
        const about = `bucket "${bucket}"`;
        const purge = api.ask<{ purged: number }>(turn, `STREAM.PURGE.${stream}`, request, about);
        return (await purge).purged > 0;
      } catch (error) {
        const again = isConnectionLost(error) || (isUnanswered(error) && Date.now() < call.deadline);
        if (!again) throw unanswered(error);
      }
    }
  };
}

function unanswered(error: unknown): unknown {
  if (!(error instanceof PackError && error.code === 'TIMEOUT')) return error;
  return new PackError('UNAVAILABLE', 'NATS did not answer in time. Try again.', { cause: error });
}
