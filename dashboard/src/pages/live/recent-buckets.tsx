import { Button, Group } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { useInvoke } from '../../api/use-invoke.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';
import { ANY } from './range.ts';

const SHOWN = 6;

/** Nothing is watched yet: offers the buckets in which something happens. */
export function RecentBuckets({ onChoose }: { onChoose(bucket: string): void }) {
  const { data } = useInvoke('kv-bucket-list', {});
  const buckets = [...(data?.buckets ?? [])]
    .sort((a, b) => (b.last_modified_at ?? '').localeCompare(a.last_modified_at ?? ''))
    .slice(0, SHOWN);
  if (data && buckets.length === 0)
    return (
      <EmptyState title="There is no bucket to watch" icon={IconActivity}>
        <Link to={pathTo('buckets')} inherit underline="always">
          Create a bucket
        </Link>
        , and see here what is written to it.
      </EmptyState>
    );
  return (
    <EmptyState
      title="Which bucket?"
      icon={IconActivity}
      actions={
        <Group gap="xs" justify="center" maw={640}>
          <Button size="compact-sm" onClick={() => onChoose(ANY)}>
            All buckets
          </Button>
          {buckets.map(({ bucket }) => (
            <SmallButton key={bucket} onClick={() => onChoose(bucket)}>
              {bucket}
            </SmallButton>
          ))}
        </Group>
      }
    >
      Every put, delete, purge and expiry shows here as it happens. These were changed last:
    </EmptyState>
  );
}
