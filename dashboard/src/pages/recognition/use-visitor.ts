import { useQuery } from '@tanstack/react-query';
import { AUDIT_BUCKET } from '../../../../contract/own-buckets.ts';
import { type Decoded, decodeToken, encodeToken } from '../../../../contract/recognition-token.ts';
import type { Newest } from '../../hooks/use-newest.ts';
import { useNewest } from '../../hooks/use-newest.ts';
import { type ChangedRow, readAudit } from './audit-entries.ts';
import { type Identity, type RememberedEvent, readIdentity, readRemembered, type Visitor } from './stored.ts';

/** What one destination knows of a visitor. */
export interface KnownVisitor {
  id: string;
  visitor: Visitor;
  identity: Identity | undefined;
  events: RememberedEvent[];
  changes: ChangedRow[];
}

/** Everything that is known of a visitor. */
export interface VisitorState {
  anonymousId: Decoded;
  known: KnownVisitor[];
  /** All answers are there. */
  ready: boolean;
  error: unknown;
  lists: { what: string; found: Newest<unknown> }[];
}

/** Looks a visitor up by its anonymous id, or by its token where the id is too long for a key. */
export function useVisitor(bucket: string, id: string, given: string | undefined): VisitorState {
  const made = useQuery({ queryKey: ['visitor-token', id], queryFn: () => encodeToken(id), enabled: !given });
  const token = given ?? made.data ?? '';
  const enabled = token !== '';
  const name = `visitor ${token}`;
  const identities = useNewest({ name, bucket, filter: `*.*.${token}`, read: readIdentity, enabled });
  const events = useNewest({ name, bucket, filter: `*.*.${token}.*`, read: readRemembered, enabled });
  const audit = useNewest({
    name,
    bucket: AUDIT_BUCKET,
    filter: `${bucket}.*.*.${token}.*.*`,
    read: readAudit,
    enabled,
  });
  const lists = [identities, events, audit];
  return {
    anonymousId: given ? decodeToken(given) : { text: id, hashed: false },
    known: group(
      identities.rows.filter(row => row !== undefined),
      events.rows.filter(row => row !== undefined),
      audit.rows.flat(),
    ),
    ready: enabled && lists.every(({ scanned }) => scanned !== undefined),
    error: made.error ?? lists.find(({ error }) => error !== undefined)?.error,
    lists: [
      { what: 'identities', found: identities },
      { what: 'remembered events', found: events },
      { what: 'changes', found: audit },
    ],
  };
}

function group(identities: Identity[], events: RememberedEvent[], changes: ChangedRow[]): KnownVisitor[] {
  const all = new Map<string, KnownVisitor>();
  const of = (visitor: Visitor): KnownVisitor => {
    const id = JSON.stringify([visitor.namespace, visitor.destination]);
    const known = all.get(id) ?? { id, visitor, identity: undefined, events: [], changes: [] };
    all.set(id, known);
    return known;
  };
  for (const identity of identities) of(identity).identity ??= identity;
  for (const event of events) of(event).events.push(event);
  for (const change of changes) of(change).changes.push(change);
  return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
