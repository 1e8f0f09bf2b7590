import { Button, Group, Loader, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useIsElsewhere } from '../../components/state-elsewhere.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import type { Newest } from '../../hooks/use-newest.ts';

/** What is around every list here: waiting, an error, nothing, and more of it. */
export function Listing({
  found,
  what,
  empty,
  children,
}: {
  found: Newest<unknown>;
  /** In the plural: "identities". */
  what: string;
  empty: ReactNode;
  children: ReactNode;
}) {
  useKeys({ r: found.refresh });
  const isElsewhere = useIsElsewhere('recognition');
  if (found.error !== undefined)
    return <ErrorNotice error={found.error} title={`The ${what} cannot be listed`} onRetry={found.refresh} />;
  if (found.scanned === undefined) return <Skeleton role="img" h={220} aria-label={`Loading ${what}`} />;
  return (
    <>
      {found.rows.length === 0 && !found.more ? !isElsewhere && empty : children}
      {found.more && (
        <Group mt="md" justify="center" gap="sm">
          <Button variant="default" size="compact-sm" onClick={found.loadMore} disabled={found.loading}>
            Show older {what}
          </Button>
          {found.loading && <Loader role="img" size="xs" aria-label="Loading" />}
        </Group>
      )}
    </>
  );
}
