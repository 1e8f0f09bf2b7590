import { Button, Center, Group, Skeleton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useKeys } from '../hooks/use-keys.ts';
import type { Older } from '../hooks/use-older.ts';
import { plural } from '../lib/format.ts';
import { When } from './amounts.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { IconButton } from './icon-button.tsx';
import { Muted } from './muted.tsx';

/** What {@link Listing} is given. */
export interface ListingProps {
  found: Older<unknown>;
  /** One of them, and several: "identity", "identities". */
  what: readonly [one: string, many: string];
  /** In place of the rows where there are none. */
  empty: ReactNode;
  /** How they are ordered. Default: newest first. */
  order?: string;
  /** On the button for more. Default: "Show older ones". */
  more?: string;
  /** The table. */
  children: ReactNode;
}

/** What is around every list of pages: waiting, an error, what may not be seen, nothing, how many, and more of it. */
export function Listing(props: ListingProps) {
  const { found, what, empty, order = 'newest first', more = 'Show older ones', children } = props;
  const { rows, error, loading, asOf, refresh } = found;
  const [one, many] = what;
  useKeys({ r: refresh });
  return (
    <>
      {error && (
        <ErrorNotice error={error} title={`The ${many} cannot be listed`} onRetry={refresh} mb="sm" />
      )}
      {!rows && !error && <Skeleton role="img" h={240} aria-label={`Loading ${many}`} />}
      {rows && (
        <Group justify="flex-end" gap="xs" mb="xs">
          <Muted size="xs" className="num wrap" role="status">
            {plural(rows.length, one, many)}
            {found.more && ' and more'}, {order}, as of <When at={new Date(asOf).toISOString()} />
          </Muted>
          <IconButton icon={IconRefresh} label={`Refresh the ${many}`} onClick={refresh} />
        </Group>
      )}
      {rows && (rows.length > 0 ? children : !found.more && empty)}
      {found.more && (
        <Center mt="sm">
          <Button variant="default" size="xs" loading={loading} onClick={found.fetchMore}>
            {more}
          </Button>
        </Center>
      )}
    </>
  );
}
