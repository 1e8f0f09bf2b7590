import { Button } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { toApiError } from '../../api/api-error.ts';
import { When } from '../../components/amounts.tsx';
import { EmptyState } from '../../components/empty-state.tsx';

/** In place of a value that is not there: what became of it, as far as a marker says so. */
export function Gone({ error, onHistory }: { error: unknown; onHistory(): void }) {
  const { operation, deleted_at } = toApiError(error).details as { operation?: string; deleted_at?: string };
  const what = operation === 'expire' ? 'has expired' : operation === 'purge' ? 'was purged' : 'was deleted';
  return (
    <EmptyState
      icon={IconFileOff}
      title={operation ? `This key ${what}` : 'There is no such key'}
      actions={
        operation && (
          <Button variant="default" onClick={onHistory}>
            Show what is kept of it
          </Button>
        )
      }
    >
      {deleted_at ? <When at={deleted_at} /> : 'It was never written, or nothing is kept of it any more.'}
    </EmptyState>
  );
}
