import { Stack, Text } from '@mantine/core';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { StoredName } from '../../components/stored-name.tsx';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import type { Visitor } from './stored.ts';

/** The page of a visitor. An id too long for a key is told by its hash. */
export function visitorPath(
  bucket: string,
  { anonymousId: { text, hashed }, token }: Pick<Visitor, 'anonymousId' | 'token'>,
): string {
  return withQuery(pathTo('recognition', 'visitors', text), {
    bucket: bucket === EVENTS_BUCKET ? undefined : bucket,
    token: hashed ? token : undefined,
  });
}

/** A visitor, leading to all that is known of it. */
export function VisitorLink({ bucket, visitor }: { bucket: string; visitor: Visitor }) {
  const { anonymousId } = visitor;
  return (
    <Stack gap={0}>
      <Link to={visitorPath(bucket, visitor)} className="mono wrap" fw={600} size="sm">
        <StoredName name={anonymousId.text} />
        {anonymousId.hashed && '…'}
      </Link>
      <Text size="xs" c="dimmed" className="wrap">
        {whereOf(visitor)}
      </Text>
    </Stack>
  );
}

/** Which destination and namespace: `warehouse · shop`. */
export function whereOf({ destination, namespace }: Pick<Visitor, 'destination' | 'namespace'>): string {
  const to = destination === '' ? 'no destination' : destination;
  return visibleText(namespace === 'default' ? to : `${to} · ${namespace}`);
}
