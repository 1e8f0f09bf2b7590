import { SCRIPT_STATE_BUCKET } from '../../../../contract/own-buckets.ts';
import type { SessionKey } from '../../../../contract/session-key.ts';
import { readSessionKey } from '../../../../contract/session-key.ts';
import { useAccess } from '../../api/access.ts';
import type { FoundItem } from '../../api/newest-items.ts';
import type { StoredText } from '../../lib/bytes.ts';
import { parseOrdered } from '../../lib/ordered-json.ts';
import { valueSummary } from '../../lib/value-summary.ts';

/** Bucket of `$kv`, unless the call names another. */
export function useSessionsBucket(): string {
  return useAccess()?.state.transform.bucket ?? SCRIPT_STATE_BUCKET;
}

/** A value that a script keeps. */
export interface Session extends SessionKey {
  /** The bucket's key. */
  stored: string;
  sequence: number;
  summary: string;
  updatedAt: string;
  expiresAt: string | undefined;
}

/** A session of an item of the bucket. */
export function readSession({ key, sequence, created_at, expires_at, stored, size = 0 }: FoundItem): Session {
  return {
    ...readSessionKey(key),
    stored: key,
    sequence,
    summary: stored ? valueSummary(readValue(stored)) : `${size.toLocaleString('en')} bytes`,
    updatedAt: created_at,
    expiresAt: expires_at,
  };
}

/** The JSON of a value, or its text where it is none. */
export function readValue({ value, encoding }: StoredText): unknown {
  if (encoding) return value;
  try {
    return parseOrdered(value);
  } catch {
    return value;
  }
}
