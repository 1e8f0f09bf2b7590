import { httpBatch, httpPut } from './http.ts';
import { kvGet, kvList, kvPut } from './kv.ts';
import { kvExport, kvGetMany, kvIncrement, kvPutMany, kvWatch } from './kv-many.ts';
import type { Figure } from './measure.ts';
import { natsService } from './nats-service.ts';
import { nodeRedPut } from './node-red.ts';
import { startup } from './startup.ts';
import { transform, transformCold, transformPeer } from './transform.ts';
import { transformKv } from './transform-kv.ts';

/** Every benchmark by its name. */
export const benchmarks: Record<string, () => Promise<Figure>> = {
  'kv-put': kvPut,
  'kv-get': kvGet,
  'kv-list': kvList,
  'http-put': httpPut,
  'http-batch': httpBatch,
  startup,
  'kv-increment': kvIncrement,
  'kv-get-many': kvGetMany,
  'kv-put-many': kvPutMany,
  'kv-watch': kvWatch,
  'kv-export': kvExport,
  'node-red': nodeRedPut,
  transform,
  'transform-peer': transformPeer,
  'transform-kv': transformKv,
  'transform-cold': transformCold,
  'nats-service': natsService,
};
