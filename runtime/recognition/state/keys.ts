/** Where the state of recognition is. All tokens are made by `encodeToken`, so that nothing of an event reaches a key as it is. */

import { encodeToken } from '../event/tokens.ts';
import type { JobSettings } from '../settings.ts';

/**
 * `<namespace>.<destination>.<anonymous id>`: the visitor's mapping; with `.<event>` behind it one remembered event.
 * Destinations are kept apart, so that one that is down or lags never decides what another gets. `=`: no destination.
 */
export function visitorKey({ namespace, destination = '' }: Owner, anonymousId: string): string {
  return `${encodeToken(namespace)}.${encodeToken(destination)}.${encodeToken(anonymousId)}`;
}

/** Whose state it is. */
export type Owner = Pick<JobSettings, 'namespace' | 'destination'>;

/** `<bucket>.<visitor>.<event that named the visitor>.<any>`: buckets are what API keys are limited to. */
export function auditKey(
  bucket: string,
  visitor: string,
  by: string,
  any = crypto.randomUUID().slice(0, 13),
): string {
  return `${bucket}.${visitor}.${by}.${any}`;
}

/** All audit entries of a visitor. */
export function auditFilter(bucket: string, visitor: string): string {
  return `${bucket}.${visitor}.*.*`;
}

/** `<destination>.<bucket>.<namespace>.<call>`: in the order of the destinations, whose work is done side by side. */
export function pendingKey(settings: JobSettings, id: string): string {
  const { destination = '', bucket, namespace } = settings;
  return `${encodeToken(destination)}.${bucket}.${encodeToken(namespace)}.${id}`;
}

/** The claim of a pending entry. */
export function claimKey(pending: string): string {
  return `claim.${pending}`;
}

/** The note about what is waited for: a destination, as keys have it, or a pending entry. */
export function noteKey(what: string): string {
  return `wait.${what}`;
}
