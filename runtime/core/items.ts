/** The shapes that items take in answers, and the answer where there is none. */
import { PackError } from '../../contract/errors.ts';
import type { WrittenBy } from '../../contract/written-by.ts';
import type { KvAbout, KvEntry, KvMarker } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import { readValue } from './values.ts';

/** A value as answered: text, or base64 with `encoding`. */
export interface AnsweredValue {
  value: string;
  encoding?: 'base64';
}

/** What is said of an item beside its value: when it was written and ends, and what it was put with. */
export interface AnsweredDetails {
  created_at: string;
  expires_at?: string;
  content_type?: string;
  metadata?: Record<string, string>;
}

/** What happened to a key: a value, or what ended it. */
export interface AnsweredChange extends AnsweredDetails, Partial<AnsweredValue> {
  by?: WrittenBy;
  /** Bytes of the value; only where it was left out. */
  size?: number;
  /** A newer kvflow wrote the value in a form that this one would misread: it is left out. */
  unreadable?: true;
  operation: 'put' | KvMarker['operation'];
  revision: number;
}

/** All that is answered of an item beside its value. */
export function detailsOf(entry: KvEntry): AnsweredDetails {
  return {
    created_at: entry.createdAt,
    ...(entry.expiresAt && { expires_at: entry.expiresAt }),
    ...toldAbout(entry),
  };
}

/** What an item was put with, as answered. */
export function toldAbout({
  contentType,
  metadata,
}: KvAbout): Pick<AnsweredDetails, 'content_type' | 'metadata'> {
  return { ...(contentType && { content_type: contentType }), ...(metadata && { metadata }) };
}

/** What is asked to be kept beside a value, as it is stored. */
export function askedAbout({ content_type, metadata }: AskedAbout): KvAbout {
  // The schema allows texts alone.
  const texts = metadata as Record<string, string> | undefined;
  return { ...(content_type && { contentType: content_type }), ...(texts && { metadata: texts }) };
}

interface AskedAbout {
  content_type?: string;
  metadata?: Record<string, string | undefined>;
}

/** What an item has beside its value, to be written again with it. */
export function keptAbout({ contentType, metadata }: KvAbout): KvAbout {
  return { ...(contentType && { contentType }), ...(metadata && { metadata }) };
}

/** One revision of a key, in history and watches. */
export function toChange(change: KvEntry | KvMarker): AnsweredChange {
  const by = change.by ? { by: change.by } : {};
  if (isEntry(change)) {
    return {
      ...(change.size === undefined ? readValue(change.value) : { size: change.size }),
      revision: change.revision,
      ...detailsOf(change),
      operation: 'put',
      ...(change.isUnreadable && { unreadable: true }),
      ...by,
    };
  }
  return { revision: change.revision, created_at: change.createdAt, operation: change.operation, ...by };
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
