import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';
import { visibleText } from '../../lib/visible-text.ts';

/** What can be done with a bucket of the table. */
export function BucketMenu({
  bucket,
  onEdit,
  onDelete,
}: {
  bucket: string;
  onEdit(): void;
  onDelete(): void;
}) {
  const edit = usePermission('kv-bucket-update', bucket);
  const remove = usePermission('kv-bucket-delete', bucket);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size="sm" aria-label={`Actions of ${visibleText(bucket)}`}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPencil size={16} stroke={1.6} aria-hidden />}
          disabled={!edit.allowed}
          title={edit.reason}
          onClick={onEdit}
        >
          Edit options
        </Menu.Item>
        <Menu.Item
          leftSection={<IconTrash size={16} stroke={1.6} aria-hidden />}
          color="red"
          disabled={!remove.allowed}
          title={remove.reason}
          onClick={onDelete}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
