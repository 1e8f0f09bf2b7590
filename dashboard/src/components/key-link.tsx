import { Link } from '../router/link.tsx';
import { pathTo, withQuery } from '../router/location.ts';
import { StoredName } from './stored-name.tsx';

/** What {@link KeyLink} is given. */
export interface KeyLinkProps {
  bucket: string;
  name: string;
  /** Which tab of the key's page it leads to. Default: the value. */
  tab?: string;
}

/** A key's name, as it is stored, which leads to the key's page. */
export function KeyLink({ bucket, name, tab }: KeyLinkProps) {
  const path = pathTo('buckets', bucket, 'keys', name);
  return (
    <Link to={tab ? withQuery(path, { tab }) : path} className="mono wrap" c="inherit">
      <StoredName name={name} />
    </Link>
  );
}
