import { redisGet, redisIncr, redisPut, redisPutMany } from './against-redis.ts';
import { dashboard } from './dashboard.ts';
import { etcdPut } from './etcd.ts';
import { httpBatch, httpPut, transformHttp } from './http.ts';
import { identifyAmend, identifyAnonymous, identifyLoad } from './identify.ts';
import { identifyHttp } from './identify-http.ts';
import { identifyAmendRows } from './identify-rows.ts';
import { identifyAmendRowsMariadb } from './identify-rows-mariadb.ts';
import { kvGet, kvList, kvPut } from './kv.ts';
import {
  kvImport,
  kvPutAlone,
  kvPutDurable,
  kvPutMany,
  kvPutMany100,
  kvPutManyDurable,
  kvTransact,
} from './kv-commit.ts';
import { kvListHistory } from './kv-list-history.ts';
import { kvExport, kvGetMany, kvIncrement, kvWatch } from './kv-many.ts';
import type { Figure } from './measure.ts';
import { natsService } from './nats-service.ts';
import { nodeRedChildPut, nodeRedOrder, nodeRedPut } from './node-red.ts';
import { nodeRedContext } from './node-red-context.ts';
import { httpPut2, httpPut4, identify2, identify4, transform2, transform4 } from './scale-out.ts';
import { startup } from './startup.ts';
import { transform, transformCold, transformPeer, transformTenant, transformValues } from './transform.ts';
import { transformFile } from './transform-file.ts';
import { transformHostile } from './transform-hostile.ts';
import { transformKv } from './transform-kv.ts';
import { transformNeighbour, transformNeighbourHostile } from './transform-neighbour.ts';
import { transformIsolatedVm, transformWorkerd } from './transform-peers.ts';

/** Every benchmark by its name. */
export const benchmarks = {
  'kv-put': kvPut,
  'kv-get': kvGet,
  'kv-list': kvList,
  'kv-list-history': kvListHistory,
  'http-put': httpPut,
  'http-batch': httpBatch,
  startup,
  'kv-increment': kvIncrement,
  'kv-get-many': kvGetMany,
  'kv-put-many': kvPutMany,
  'kv-put-many-100': kvPutMany100,
  'kv-put-many-durable': kvPutManyDurable,
  'kv-put-durable': kvPutDurable,
  'kv-put-alone': kvPutAlone,
  'kv-import': kvImport,
  'kv-transact': kvTransact,
  'kv-watch': kvWatch,
  'kv-export': kvExport,
  'node-red': nodeRedPut,
  'node-red-child': nodeRedChildPut,
  'node-red-order': nodeRedOrder,
  'node-red-context': nodeRedContext,
  'identify-amend': identifyAmend,
  'identify-load': identifyLoad,
  'identify-anonymous': identifyAnonymous,
  'identify-http': identifyHttp,
  transform,
  'transform-values': transformValues,
  'transform-peer': transformPeer,
  'transform-isolated-vm': transformIsolatedVm,
  'transform-workerd': transformWorkerd,
  'transform-kv': transformKv,
  'transform-cold': transformCold,
  'transform-tenant': transformTenant,
  'transform-http': transformHttp,
  'transform-file': transformFile,
  'transform-hostile': transformHostile,
  'transform-neighbour': transformNeighbour,
  'transform-neighbour-hostile': transformNeighbourHostile,
  'nats-service': natsService,
  'identify-amend-rows': identifyAmendRows,
  'identify-amend-rows-mariadb': identifyAmendRowsMariadb,
  dashboard,
  'redis-put': redisPut,
  'redis-get': redisGet,
  'redis-put-many': redisPutMany,
  'redis-incr': redisIncr,
  'etcd-put': etcdPut,
  'http-put-2-workers': httpPut2,
  'http-put-4-workers': httpPut4,
  'transform-2-workers': transform2,
  'transform-4-workers': transform4,
  'identify-2-workers': identify2,
  'identify-4-workers': identify4,
} satisfies Record<string, () => Promise<Figure>>;

/** The name of one of {@link benchmarks}. */
export type BenchmarkName = keyof typeof benchmarks;
