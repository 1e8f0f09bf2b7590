import { ActionIcon, Menu } from '@mantine/core';
import { IconActivity, IconArrowsExchange, IconDots, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { follow } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';

/** What else can be done with a bucket's keys. */
export function MoreMenu({
  bucket,
  blocked,
  onPurge,
}: {
  bucket: string;
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
          href={withQuery(pathTo('live'), { bucket })}
          onClick={follow}
          leftSection={<IconActivity size={16} aria-hidden />}
        >
          Watch live
        </Menu.Item>
        <Menu.Item
          component="a"
          href={withQuery(pathTo('import-export'), { bucket })}
          onClick={follow}
          leftSection={<IconArrowsExchange size={16} aria-hidden />}
        >
          Import or export
        </Menu.Item>
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
