import { OWN_BUCKETS, SCHEDULED_BUCKET } from '../../../../contract/own-buckets.ts';
import type { Call } from '../../../core/call.ts';
import type { KvPut, KvPutAnswer } from '../../../core/ports/writes.ts';
import { scheduleKey, waitingKey } from '../../../core/scheduled.ts';
import type { BucketStore } from '../../../core/state/owned-bucket.ts';
import { ownedBucket } from '../../../core/state/owned-bucket.ts';
import type { Handles } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { isoTime } from '../read/read.ts';
import { unsupported } from '../transact/batch.ts';
import { checkTtl } from './ttl.ts';

type Put = (call: Call, write: KvPut) => Promise<KvPutAnswer>;

/**
 * Makes the puts of one connection that are due later. The item waits beside its key, since only what is in one bucket can be
 * taken from there and put here in one commit; an index of ours, written first, says where something waits.
 */
export function createPutLater(handles: Handles, { kv, put }: { kv: BucketStore; put: Put }) {
  const index = ownedBucket(kv, { name: SCHEDULED_BUCKET, ...OWN_BUCKETS[SCHEDULED_BUCKET] });

  return async (call: Call, { at = 0, ...write }: KvPut): Promise<KvPutAnswer> => {
    const handle = await handles.open(call, write.bucket);
    if (at <= serverNow(handle)) return await put(call, write);
    const { bucket, key, ttl, expectedRevision, ...item } = write;
    if (handle.origin.bucket !== handle.bucket || !handle.config.allow_atomic) throw unsupported(handle);
    if (ttl !== undefined) checkTtl(handle, ttl);
    handle.codec.encode(key);
    handle.checkValue?.(item.value, '/value');
    const place = scheduleKey({ bucket, key, at });
    await index.use(call, () =>
      put({ deadline: call.deadline }, { bucket: SCHEDULED_BUCKET, key: place, value: '' }),
    );
    const waitsAs = waitingKey(key);
    const scheduled = {
      at,
      ...(ttl !== undefined && { ttl }),
      ...(expectedRevision !== undefined && { expectedRevision }),
    };
    const { revision } = await put(call, { ...item, bucket, key: waitsAs, scheduled });
    return { revision, dueAt: isoTime(at), waitsAs };
  };
}
