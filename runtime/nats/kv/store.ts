import type { NatsConnection } from '@nats-io/transport-node';
import type { KvStore } from '../../core/ports.ts';
import { createBatchReader } from './batch.ts';
import { createBuckets } from './buckets.ts';
import type { HandleDependencies } from './handles.ts';
import { createHandles } from './handles.ts';
import { createListPage } from './list-page.ts';
import { createLiveCount } from './live-count.ts';
import { createPut } from './put.ts';
import { createReader } from './read.ts';

/** The KV port over JetStream. */
export function createNatsKv(deps: HandleDependencies): KvStore {
  const { requests, api } = deps;
  let nc: NatsConnection | undefined;
  deps.connecting.then(
    connection => (nc = connection),
    () => undefined,
  );
  const handles = createHandles(deps);
  const reader = createReader(requests, handles);
  const batches = createBatchReader(requests, handles);
  const liveCount = createLiveCount(handles, batches);
  const buckets = createBuckets({ requests, api, liveCount, connection: () => nc });
  return {
    createBucket: buckets.create,
    listBuckets: buckets.list,
    put: createPut({ requests, handles, reader, maxPayload: () => nc?.info?.max_payload ?? 0 }),
    get: reader.get,
    listPage: createListPage({ requests, handles, batches }),
  };
}
