import { parseDuration } from '../../../contract/duration.ts';
import { invalidField } from '../../../contract/errors.ts';
import type { KvKeyGetOutput } from '../../../contract/types.gen.ts';
import { entityTag } from './entity-tags.ts';

/** Request and answer: how long an item lives, in nanoseconds; in a request also words such as `30m`. */
export const TTL_HEADER = 'kvflow-ttl';
/** Answer: when an item ends, RFC 3339. */
export const EXPIRES_HEADER = 'kvflow-expires';

const NS_PER_MS = 1_000_000;

/**
 * Headers of a value that is served as its bytes. What others stored is never run as a page of kvflow's own: the sandbox gives it
 * an origin of its own, and no other site can load it.
 */
export function itemHeaders(item: KvKeyGetOutput): Record<string, string> {
  return {
    etag: entityTag(item.revision),
    'last-modified': new Date(item.created_at).toUTCString(),
    'cache-control': cacheControl(item.expires_at),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    ...expiryHeaders(item.expires_at),
  };
}

/** Headers that tell when an item ends; none where it does not. */
export function expiryHeaders(expiresAt: string | undefined): Record<string, string> {
  if (expiresAt === undefined) return {};
  return { [TTL_HEADER]: String(millisecondsLeft(expiresAt) * NS_PER_MS), [EXPIRES_HEADER]: expiresAt };
}

/** Nanoseconds of a `Kvflow-TTL` header; undefined without one. Throws INVALID_INPUT. */
export function readTtl(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  const ttl = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
  if (ttl !== undefined && ttl >= 1) return ttl;
  throw invalidField(
    '/ttl',
    `The header Kvflow-TTL must be nanoseconds, such as 60000000000, or words such as 1m or 1h30m, not "${text}".`,
  );
}

/** An item with an end may be kept until then; another one only with a question each time whether it has changed. */
function cacheControl(expiresAt: string | undefined): string {
  if (expiresAt === undefined) return 'private, no-cache';
  return `private, max-age=${Math.floor(millisecondsLeft(expiresAt) / 1_000)}, must-revalidate`;
}

function millisecondsLeft(expiresAt: string): number {
  return Math.max(0, Date.parse(expiresAt) - Date.now());
}
