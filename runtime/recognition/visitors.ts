import { PackError } from '../../contract/errors.ts';
import { AUDIT_BUCKET } from '../../contract/own-buckets.ts';
import { decodeEventToken } from '../../contract/recognition-token.ts';
import type { Call } from '../core/call.ts';
import type { Cell, Cells } from '../core/destinations.ts';
import type { KvStore } from '../core/ports.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import { auditFilter } from './keys.ts';
import { decodeToken, encodeToken } from './tokens.ts';

/** Which visitors. */
export interface VisitorChoice {
  anonymous_id: string;
  namespace?: string;
  destination?: string;
  bucket: string;
}

/** Keys of a visitor in each destination that knows it, or in the one that is named. */
export async function visitorsOf(
  kv: KvStore,
  call: Call,
  { anonymous_id, namespace = 'default', destination, bucket }: VisitorChoice,
): Promise<string[]> {
  const where = destination === undefined ? '*' : encodeToken(destination);
  const pattern = `${encodeToken(namespace)}.${where}.${encodeToken(anonymous_id)}`;
  const [known, audited] = await Promise.all([
    keysIn(kv, call, bucket, pattern),
    keysIn(kv, call, AUDIT_BUCKET, auditFilter(bucket, pattern)),
  ]);
  return [...new Set([...known, ...audited.map(key => key.split('.').slice(1, 4).join('.'))])];
}

/** Keys by filter; none where there is no such bucket yet. */
export async function keysIn(kv: KvStore, call: Call, bucket: string, filter: string): Promise<string[]> {
  try {
    return await kv.keys(call, bucket, filter);
  } catch (error) {
    if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return [];
    throw error;
  }
}

/** What the key of a visitor says. */
export interface NamedVisitor {
  /** Undefined: it is too long for a key, only its hash is known. */
  anonymousId: string | undefined;
  /** Empty: calls without a destination. */
  destination: string;
}

/** Reads the key of a visitor, or of one of its events. */
export function namedBy(key: string): NamedVisitor {
  const [, destination = '', anonymousId = ''] = key.split('.');
  return { anonymousId: decodeToken(anonymousId), destination: decodeToken(destination) ?? '' };
}

/** Throws FORBIDDEN unless the caller may use the destination of each visitor. */
export function authorizeVisitors(keys: readonly string[], rights: RecognitionRights | undefined): void {
  // Without a destination nothing is in a warehouse.
  for (const name of new Set(keys.map(key => namedBy(key).destination)))
    if (name !== '') rights?.destination(name);
}

/** An event by its token; undefined where only a hash is left of it. */
export function eventOf(token: string): { table: string; key: string[] } | undefined {
  return decodeEventToken(token);
}

/** Cells as an answer has them: JSON has no integers beyond 2^53. */
export function toAnswer(cells: Cells<Cell | null>): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(cells).map(([column, cell]) => [column, typeof cell === 'bigint' ? String(cell) : cell]),
  );
}
