import { ActionIcon, Menu } from '@mantine/core';
import { IconActivity, IconArrowsExchange, IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';
import { rangeText } from '../../lib/key-range.ts';
import { readFilter } from '../../lib/read-filter.ts';
import { searchExpression } from '../../lib/search-expression.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { follow } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';

/** What else can be done with a bucket's keys. */
export function MoreMenu({
  bucket,
  filter,
  blocked,
  onPurge,
}: {
  bucket: string;
  /** What the box of the keys has; empty: all. */
  filter: string;
  blocked: string | undefined;
  onPurge(): void;
}) {
  const permission = usePermission('kv-key-purge', bucket);
  const reason = blocked ?? permission.reason;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size="lg" variant="default" aria-label={`Actions of ${visibleText(bucket)}`}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component="a"
          href={withQuery(pathTo('live'), { bucket, ...watchOf(filter) })}
          onClick={follow}
          leftSection={<IconActivity size={16} aria-hidden />}
        >
          {filter === '' ? 'Watch live' : 'Watch these keys live'}
        </Menu.Item>
        <Menu.Item
          component="a"
          href={withQuery(pathTo('import-export'), { bucket, filter: rangeText(filter) })}
          onClick={follow}
          leftSection={<IconArrowsExchange size={16} aria-hidden />}
        >
          {filter === '' ? 'Import or export' : 'Export these keys'}
        </Menu.Item>
        {filter !== '' && (
          <Menu.Item
            component="a"
            href={withQuery(pathTo('buckets', bucket, 'copy'), { filter })}
            onClick={follow}
            leftSection={<IconCopy size={16} aria-hidden />}
          >
            Copy these keys
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          disabled={reason !== undefined}
          title={reason}
          onClick={onPurge}
        >
          Purge by pattern
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What Live is told: a pattern, or for a search what says of each change whether it is meant. */
function watchOf(filter: string): { filter?: string; when?: string | undefined } {
  const { pattern, search } = readFilter(filter);
  if (search !== undefined) return { when: searchExpression(search) };
  return pattern === '>' ? {} : { filter: pattern };
}
