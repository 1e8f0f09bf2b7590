import { isTooDeep } from '../../core/json-depth.ts';

/** Objects and lists within each other, in what a script returns. */
export const MAX_DEPTH = 1_000;

/** Parses what a worker sent; throws on what nests deeper than anything that it has to say: a bracket takes fifty times its text. */
export function parseFromWorker(json: string): unknown {
  if (isTooDeep(json, MAX_DEPTH)) throw new SyntaxError('too many levels');
  return JSON.parse(json);
}
