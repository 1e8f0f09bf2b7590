import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from '../../components/icon-button.tsx';
import { favourites } from '../../lib/seen.ts';
import { useQueryState, withQuery } from '../../router/location.ts';

/** Keeps this bucket, with its filter, among the favourites, which Ctrl+K shows first; or takes it from them. */
export function FavouriteButton() {
  const [query] = useQueryState();
  const kept = useSyncExternalStore(favourites.subscribe, favourites.get);
  const filter = query.get('filter') ?? undefined;
  const here = withQuery(location.pathname, { filter, sort: query.get('sort') ?? undefined });
  const isKept = kept.includes(here);
  const label = filter === undefined ? 'Favourite' : 'Keep this filter';
  return (
    <IconButton
      icon={isKept ? IconStarFilled : IconStar}
      label={label}
      tip={`${label} (shown first by Ctrl+K)`}
      pressed={isKept}
      onClick={() => (isKept ? favourites.remove(here) : favourites.add(here))}
    />
  );
}
