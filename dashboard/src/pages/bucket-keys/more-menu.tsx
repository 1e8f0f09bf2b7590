import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';

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
        <ActionIcon size="lg" variant="default" aria-label={`Actions of ${bucket}`}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
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
