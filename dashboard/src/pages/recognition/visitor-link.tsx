import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { StoredName } from '../../components/stored-name.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import { type NamedVisitor, shownId } from './names.ts';

/** The page of a visitor. An id too long for a key is told by its hash. */
export function visitorPath(
  bucket: string,
  visitor: Pick<NamedVisitor, 'anonymous_id' | 'anonymous_id_hash'>,
): string {
  const { text, hashed } = shownId(visitor);
  return withQuery(pathTo('recognition', 'visitors', text), {
    bucket: bucket === EVENTS_BUCKET ? undefined : bucket,
    token: hashed ? `==${visitor.anonymous_id_hash}` : undefined,
  });
}

/** A visitor, leading to all that is known of it. */
export function VisitorLink({ bucket, visitor }: { bucket: string; visitor: NamedVisitor }) {
  const { text, hashed } = shownId(visitor);
  return (
    <TwoLines below={whereOf(visitor)}>
      <Link to={visitorPath(bucket, visitor)} className="mono wrap" fw={600} size="sm">
        <StoredName name={text} />
        {hashed && '…'}
      </Link>
    </TwoLines>
  );
}

/** Which destination and namespace: `warehouse · shop`. */
export function whereOf({ destination, namespace }: Pick<NamedVisitor, 'destination' | 'namespace'>): string {
  const to = destination ?? 'no destination';
  return visibleText(namespace === 'default' ? to : `${to} · ${namespace}`);
}
