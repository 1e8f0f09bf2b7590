import { invalidField } from '../../../contract/errors.ts';
import { AUDIT_BUCKET } from '../../../contract/own-buckets.ts';
import { decodeEventToken } from '../../../contract/recognition-token.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import type { AuditEntry } from '../audit.ts';
import { auditedIn, auditFilter, decodeToken, encodeToken } from '../keys.ts';
import type { Listed } from '../remember.ts';
import type { NodeValue } from '../who/identity.ts';

/** What stands before the hash of a text that is too long for a key. */
const HASHED = '==';

/** Which visitors. */
interface VisitorChoice extends ListScope {
  anonymous_id?: string;
  /** In place of the id, where that is too long for a key. */
  anonymous_id_hash?: string;
  bucket: string;
}

/** Keys of a visitor in each destination that knows it, or in the one that is named. */
export async function visitorsOf(kv: KvStore, call: Call, choice: VisitorChoice): Promise<string[]> {
  const { bucket } = choice;
  const pattern = visitorPattern(choice);
  const [known, audited] = await Promise.all([
    kv.keys(call, bucket, pattern),
    kv.keys(call, AUDIT_BUCKET, auditFilter(bucket, pattern)),
  ]);
  return [...new Set([...known, ...audited.map(auditedIn)])];
}

/** The pattern of the keys of chosen visitors. Throws INVALID_INPUT where none is named. */
export function visitorPattern(choice: Omit<VisitorChoice, 'bucket'>): string {
  const { anonymous_id, anonymous_id_hash: hashed } = choice;
  if ((anonymous_id === undefined) === (hashed === undefined))
    throw invalidField('/anonymous_id', 'is needed, or anonymous_id_hash in its place');
  const { namespace, destination } = scopeTokens(choice);
  return `${namespace}.${destination}.${anonymous_id === undefined ? HASHED + hashed : encodeToken(anonymous_id)}`;
}

/**
 * Reads the key of a visitor, or of one of its events. Of an anonymous id that is too long for a key its SHA-256 in hex is known and
 * nothing else; the destination is empty where calls have none.
 */
export function namedBy(key: string) {
  const [namespace = '', destination = '', token = ''] = key.split('.');
  const anonymousId = decodeToken(token);
  return {
    namespace: decodeToken(namespace) ?? namespace,
    anonymousId,
    anonymousIdHash: anonymousId === undefined ? token.slice(HASHED.length) : undefined,
    destination: decodeToken(destination) ?? '',
  };
}

/** The same as answers have it. */
export function toNamed(key: string) {
  const { namespace, anonymousId, anonymousIdHash, destination } = namedBy(key);
  return {
    namespace,
    ...(anonymousId !== undefined && { anonymous_id: anonymousId }),
    ...(anonymousIdHash !== undefined && { anonymous_id_hash: anonymousIdHash }),
    ...(destination !== '' && { destination }),
  };
}

/** Which part of a bucket a list is of. */
interface ListScope {
  namespace?: string;
  all_namespaces?: boolean;
  destination?: string;
}

/** Patterns of the namespace and the destination of keys. Throws INVALID_INPUT where one namespace and all are asked for. */
export function scopeTokens({ namespace, all_namespaces, destination }: ListScope) {
  if (namespace !== undefined && all_namespaces)
    throw invalidField('/all_namespaces', 'is of calls that name no namespace; leave one of them out');
  return {
    namespace: all_namespaces ? '*' : encodeToken(namespace ?? 'default'),
    destination: destination === undefined ? '*' : encodeToken(destination),
  };
}

/** Which keys of visitors a list shows to a caller; undefined: all. */
export function shownTo(rights: RecognitionRights | undefined): ((key: string) => boolean) | undefined {
  return rights && (key => rights.mayRead(namedBy(key)));
}

/** Throws FORBIDDEN unless the caller may use the destination of each visitor. */
export function authorizeVisitors(keys: readonly string[], rights: RecognitionRights | undefined): void {
  // Without a destination nothing is in a warehouse.
  for (const name of new Set(keys.map(key => namedBy(key).destination)))
    if (name !== '') rights?.destination(name);
}

/** Cells as an answer has them: JSON has no integers beyond 2^53. */
export function toAnswer(cells: Cells<Cell | null>): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(cells).map(([column, cell]) => [column, typeof cell === 'bigint' ? String(cell) : cell]),
  );
}

/** A remembered event as answers have it. */
export function toEvent({ remembered, writtenAt, expiresAt, token }: Listed) {
  const key = decodeEventToken(token)?.key;
  return {
    table: remembered.table,
    ...(key && { key }),
    event: remembered.event,
    ...(remembered.recognized && { recognized_as: plainly(remembered.recognized.identity) }),
    at: new Date(remembered.at ?? writtenAt).toISOString(),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
}

/** The rows of an audit entry as answers have them. */
export function toChanges({ rows, at, by }: Pick<AuditEntry, 'rows' | 'at' | 'by'>) {
  const event = decodeEventToken(by);
  return rows.map(({ table, key, old, new: now }) => ({
    table,
    key: toAnswer(key),
    old: toAnswer(old),
    new: toAnswer(now),
    ...(event && { by: event }),
    at,
  }));
}

/** Values of an identity without what is not answered. */
export function plainly(identity: readonly NodeValue[]): { node: string; value: string | number }[] {
  return identity.map(({ node, value }) => ({ node, value }));
}
