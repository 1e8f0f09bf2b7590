import { Menu } from '@mantine/core';
import { IconActivity, IconArrowsExchange, IconCopy, IconTrash } from '@tabler/icons-react';
import { ActionsMenu, MenuAction, MenuLink } from '../../components/actions-menu.tsx';
import { rangeText } from '../../lib/key-range.ts';
import { readFilter } from '../../lib/read-filter.ts';
import { searchExpression } from '../../lib/search-expression.ts';
import { visibleText } from '../../lib/visible-text.ts';
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
  return (
    <ActionsMenu size="lg" variant="default" label={`Actions of ${visibleText(bucket)}`}>
      <MenuLink icon={IconActivity} to={withQuery(pathTo('live'), { bucket, ...watchOf(filter) })}>
        {filter === '' ? 'Watch live' : 'Watch these keys live'}
      </MenuLink>
      <MenuLink
        icon={IconArrowsExchange}
        to={withQuery(pathTo('import-export'), { bucket, filter: rangeText(filter) })}
      >
        {filter === '' ? 'Import or export' : 'Export these keys'}
      </MenuLink>
      {filter !== '' && (
        <MenuLink icon={IconCopy} to={withQuery(pathTo('buckets', bucket, 'copy'), { filter })}>
          Copy these keys
        </MenuLink>
      )}
      <Menu.Divider />
      <MenuAction
        icon={IconTrash}
        calls="kv-key-purge"
        bucket={bucket}
        blocked={blocked}
        danger
        onClick={onPurge}
      >
        Purge by pattern
      </MenuAction>
    </ActionsMenu>
  );
}

/** What Live is told: a pattern, or for a search what says of each change whether it is meant. */
function watchOf(filter: string): { filter?: string; when?: string | undefined } {
  const { pattern, search } = readFilter(filter);
  if (search !== undefined) return { when: searchExpression(search) };
  return pattern === '>' ? {} : { filter: pattern };
}
