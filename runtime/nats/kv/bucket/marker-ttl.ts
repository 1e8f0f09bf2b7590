import { invalidField } from '../../../../contract/errors.ts';
import type { BucketChanges, BucketOptions } from '../../../core/ports/buckets.ts';
import type { StreamConfig } from '../../stream-types.ts';

const SECOND = 1_000_000_000;

/** The least a server takes, and what a bucket with a ttl per key has unless it is told otherwise. Nanoseconds. */
export const MARKER_TTL = SECOND;

type Markers = Pick<StreamConfig, 'allow_msg_ttl' | 'subject_delete_marker_ttl'>;

/**
 * How long a new bucket keeps the markers that the server writes where items expire (ADR-48). They have a ttl themselves, so
 * that markers come with the ttl per key. A mirror takes its origin's. Throws INVALID_INPUT.
 */
export function markerOptions({ key_ttl, marker_ttl, mirror }: BucketOptions): Markers {
  if (mirror && marker_ttl) throw atOrigin();
  const kept = checked(marker_ttl ?? (key_ttl ? MARKER_TTL : 0));
  return {
    ...((key_ttl || kept > 0) && { allow_msg_ttl: true }),
    ...(kept > 0 && !mirror && { subject_delete_marker_ttl: kept }),
  };
}

/** The same for a bucket that is changed. Throws INVALID_INPUT. */
export function withMarkers(config: StreamConfig, { key_ttl, marker_ttl }: BucketChanges): StreamConfig {
  if (marker_ttl === undefined) {
    const needsOne = key_ttl && !config.mirror && !config.subject_delete_marker_ttl;
    return needsOne ? { ...config, subject_delete_marker_ttl: MARKER_TTL } : config;
  }
  const kept = checked(marker_ttl ?? 0);
  const { subject_delete_marker_ttl: _before, ...rest } = config;
  if (kept === 0) return rest;
  if (config.mirror) throw atOrigin();
  return { ...rest, allow_msg_ttl: true, subject_delete_marker_ttl: kept };
}

function checked(ttl: number): number {
  if (ttl === 0 || ttl >= SECOND) return ttl;
  throw invalidField(
    '/marker_ttl',
    `must be 0 or at least ${SECOND} (1 s); marker_ttl is an integer of nanoseconds`,
  );
}

function atOrigin() {
  return invalidField('/marker_ttl', 'a mirror keeps the markers of its origin; give it to the origin');
}
