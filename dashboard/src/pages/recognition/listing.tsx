import { Button, Group, Loader, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import type { Older } from '../../hooks/use-older.ts';

/** What is around every list here: waiting, an error, nothing, and more of it. */
export function Listing({
  found,
  what,
  empty,
  children,
}: {
  found: Older<unknown>;
  /** In the plural: "identities". */
  what: string;
  empty: ReactNode;
  children: ReactNode;
}) {
  useKeys({ r: found.refresh });
  if (found.error && !found.rows)
    return <ErrorNotice error={found.error} title={`The ${what} cannot be listed`} onRetry={found.refresh} />;
  if (!found.rows) return <Skeleton role="img" h={220} aria-label={`Loading ${what}`} />;
  return (
    <>
      {found.rows.length === 0 && !found.more ? empty : children}
      {found.more && (
        <Group mt="md" justify="center" gap="sm">
          <Button variant="default" size="compact-sm" onClick={found.fetchMore} disabled={found.loading}>
            Show older {what}
          </Button>
          {found.loading && <Loader role="img" size="xs" aria-label="Loading" />}
        </Group>
      )}
    </>
  );
}
