import type { NatsConnection } from '@nats-io/transport-node';
import type { KvStore } from '../../core/ports/kv-store.ts';
import { createBackups } from './backup/backup.ts';
import { accountInfo } from './bucket/account.ts';
import { createBuckets } from './bucket/buckets.ts';
import { createNoteCompaction } from './bucket/compacted.ts';
import type { HandleDependencies } from './bucket/handles.ts';
import { createHandles } from './bucket/handles.ts';
import { incarnationOf } from './bucket/incarnation.ts';
import { createLiveCount } from './bucket/live-count.ts';
import { originBucket } from './bucket/origins.ts';
import { serverNow } from './bucket/server-clock.ts';
import { createHistoryPages } from './list/history-page.ts';
import { createLister } from './list/list-page.ts';
import { createNewestChanges } from './list/newest-changes.ts';
import { createStoredPages } from './list/stored-page.ts';
import { createWatch } from './list/watch.ts';
import { adopting, createFindForms } from './read/adopt.ts';
import { createBatchReader } from './read/batch.ts';
import { createGetMany } from './read/get-many.ts';
import { createGetOfForms } from './read/get-of-forms.ts';
import { createHistory } from './read/history.ts';
import { createKeys } from './read/keys.ts';
import { createReader } from './read/read.ts';
import { createSendBatch } from './transact/batch.ts';
import { createSendFast } from './transact/fast-batch.ts';
import { createGroupStore } from './transact/group.ts';
import { createImportHistory } from './transact/import-history.ts';
import { createPutMany } from './transact/put-many.ts';
import { createStoreMany } from './transact/store-many.ts';
import { createGetTogether, createReadTogether } from './transact/together.ts';
import { createTransact } from './transact/transact.ts';
import { createErase } from './write/erase.ts';
import { createIncrement } from './write/increment.ts';
import { createPut } from './write/put.ts';
import { createPutLater } from './write/put-later.ts';
import { createRemove } from './write/remove.ts';
import { createTouch } from './write/touch.ts';
import { createWriter } from './write/writer.ts';

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
  const batches = createBatchReader(requests, handles, maxPayload);
  const readTogether = createReadTogether(requests, maxPayload);
  const sendBatch = createSendBatch({ requests, handles, readTogether });
  const writer = createWriter({ requests, handles, reader, sendBatch, maxPayload });
  const store = createGroupStore({ storeAlone: writer.store, sendBatch, maxPayload });
  const put = createPut(handles, { writer, store });
  const findForms = createFindForms(batches);
  const lister = createLister({ requests, handles, batches, findForms });
  const liveCount = createLiveCount(handles, batches);
  const buckets = createBuckets({ requests, api, handles, liveCount, connection: () => nc });
  const ownBuckets = {
    requireTransactions: buckets.requireTransactions,
    createBucket: buckets.create,
    bucketInfo: buckets.info,
    updateBucket: buckets.update,
  };
  const putLater = createPutLater(handles, { kv: ownBuckets, put });
  const getMany = createGetMany(handles, reader, batches);
  const putMany = createPutMany({ handles, put, sendBatch, readTogether, maxPayload });
  const sendFast = createSendFast(requests);
  const byKey = adopting(handles, findForms, {
    put: (call, write, opened) => (write.at === undefined ? put(call, write, opened) : putLater(call, write)),
    get: createGetOfForms(handles, batches, reader.get),
    getMany: async (call, bucket, keys) => (await getMany(call, bucket, keys)).found,
    getManyWithin: getMany,
    getTogether: createGetTogether(handles, readTogether),
    putMany,
    storeMany: createStoreMany({ handles, putMany, sendFast, readTogether, maxPayload }),
    transact: createTransact({ handles, writer, sendBatch, readTogether, maxPayload }),
    history: createHistory(handles, batches),
    remove: createRemove(handles, writer),
    erase: createErase(handles),
    noteCompaction: createNoteCompaction(handles),
    touch: createTouch(handles, writer),
    increment: createIncrement(handles, writer),
  });
  return {
    ...byKey,
    ...ownBuckets,
    listBuckets: buckets.list,
    accountInfo: call => accountInfo(api, call),
    deleteBucket: buckets.remove,
    ...createBackups({ api, connection: () => nc }, handles),
    incarnation: (call, bucket) => incarnationOf(handles, call, bucket),
    storedIn: async (call, bucket) => originBucket((await handles.open(call, bucket)).origin.stream),
    now: async (call, bucket) => serverNow(await handles.open(call, bucket)),
    listPage: lister.live,
    listDeleted: lister.deleted,
    historyPage: createHistoryPages({ requests, handles, batches }),
    storedPage: createStoredPages({ requests, handles, batches }),
    importHistory: createImportHistory({ handles, batches, writer, sendBatch, maxPayload }),
    newestChanges: createNewestChanges(handles, batches),
    keys: createKeys(handles),
    watch: createWatch(requests, handles),
  };
}
