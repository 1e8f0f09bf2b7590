/** The shapes that items take in answers, and the answer where there is none. */
import { PackError } from '../../contract/errors.ts';
import type { KvEntry, KvMarker } from './ports.ts';
import { isEntry } from './ports.ts';
import { readValue } from './values.ts';

/** A value as answered: text, or base64 with `encoding`. */
export interface AnsweredValue {
  value: string;
  encoding?: 'base64';
}

/** When a value was written, and when it expires if it does. */
export interface AnsweredTimes {
  created_at: string;
  expires_at?: string;
}

/** What happened to a key: a value, or what ended it. */
export interface AnsweredChange extends AnsweredTimes, Partial<AnsweredValue> {
  operation: 'put' | KvMarker['operation'];
  revision: number;
}

/** `created_at` and `expires_at` of an item. */
export function timesOf(entry: KvEntry): AnsweredTimes {
  return { created_at: entry.createdAt, ...(entry.expiresAt && { expires_at: entry.expiresAt }) };
}

/** One revision of a key, in history and watches. */
export function toChange(change: KvEntry | KvMarker): AnsweredChange {
  if (isEntry(change)) {
    return { ...readValue(change.value), revision: change.revision, ...timesOf(change), operation: 'put' };
  }
  return { revision: change.revision, created_at: change.createdAt, operation: change.operation };
}

const ENDED = { delete: 'was deleted', purge: 'was purged', expire: 'has expired' };

/** KEY_NOT_FOUND; says what ended the item where a marker tells. */
export function keyNotFound(
  { bucket, key, revision }: { bucket: string; key: string; revision?: number },
  marker?: KvMarker,
): PackError {
  const what = revision === undefined ? `key "${key}"` : `revision ${revision} of key "${key}"`;
  const why = marker ? `: it ${ENDED[marker.operation]} at ${marker.createdAt}` : '';
  return new PackError('KEY_NOT_FOUND', `There is no ${what} in bucket "${bucket}"${why}.`, {
    details: marker ? { operation: marker.operation, deleted_at: marker.createdAt } : {},
  });
}
