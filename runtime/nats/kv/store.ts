import type { NatsConnection } from '@nats-io/transport-node';
import type { KvStore } from '../../core/ports.ts';
import { accountInfo } from './account.ts';
import { createBatchReader } from './batch.ts';
import { createBuckets } from './buckets.ts';
import { createErase } from './erase.ts';
import { createGetMany } from './get-many.ts';
import type { HandleDependencies } from './handles.ts';
import { createHandles } from './handles.ts';
import { createHistory } from './history.ts';
import { incarnationOf } from './incarnation.ts';
import { createIncrement } from './increment.ts';
import { createKeys } from './keys.ts';
import { createLister } from './list-page.ts';
import { createLiveCount } from './live-count.ts';
import { createPut } from './put.ts';
import { createReader } from './read.ts';
import { createRemove } from './remove.ts';
import { createTouch } from './touch.ts';
import { createWatch } from './watch.ts';
import { createWriter } from './writer.ts';

/** The KV port over JetStream. */
export function createNatsKv(deps: HandleDependencies): KvStore {
  const { requests, api } = deps;
  let nc: NatsConnection | undefined;
  deps.connecting.then(
    connection => (nc = connection),
    () => undefined,
  );
  const maxPayload = () => nc?.info?.max_payload ?? 0;
  const handles = createHandles(deps);
  const reader = createReader(requests, handles);
  const batches = createBatchReader(requests, handles);
  const writer = createWriter({ requests, handles, reader, batches, maxPayload });
  const lister = createLister({ requests, handles, batches });
  const liveCount = createLiveCount(handles, batches);
  const buckets = createBuckets({ requests, api, handles, liveCount, connection: () => nc });
  return {
    createBucket: buckets.create,
    listBuckets: buckets.list,
    bucketInfo: buckets.info,
    accountInfo: call => accountInfo(api, call),
    updateBucket: buckets.update,
    deleteBucket: buckets.remove,
    incarnation: (call, bucket) => incarnationOf(handles, call, bucket),
    put: createPut(handles, writer),
    get: reader.get,
    getMany: createGetMany(handles, reader, batches),
    listPage: lister.live,
    listDeleted: lister.deleted,
    history: createHistory(handles, batches),
    remove: createRemove(handles, writer),
    erase: createErase(handles),
    keys: createKeys(handles),
    touch: createTouch(handles, writer),
    increment: createIncrement(handles, writer),
    watch: createWatch(requests, handles),
  };
}
