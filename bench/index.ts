import { kvGet, kvList, kvPut } from './kv.ts';
import type { Figure } from './measure.ts';

/** Every benchmark by its name. */
export const benchmarks: Record<string, () => Promise<Figure>> = {
  'kv-put': kvPut,
  'kv-get': kvGet,
  'kv-list': kvList,
};
