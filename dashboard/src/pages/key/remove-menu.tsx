import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';

/** What {@link RemoveMenu} is given. */
export interface RemoveMenuProps {
  bucket: string;
  blocked: string | undefined;
  onChoose(operation: 'delete' | 'purge'): void;
}

/** Ways to be rid of the key. */
export function RemoveMenu({ bucket, blocked, onChoose }: RemoveMenuProps) {
  const toDelete = usePermission('kv-key-delete', bucket).reason;
  const toPurge = usePermission('kv-key-purge', bucket).reason;
  const reasons = { delete: blocked ?? toDelete, purge: blocked ?? toPurge };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="lg" variant="default" aria-label="More actions">
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(['delete', 'purge'] as const).map(operation => (
          <Menu.Item
            key={operation}
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            disabled={reasons[operation] !== undefined}
            title={reasons[operation]}
            onClick={() => onChoose(operation)}
          >
            {operation === 'delete' ? 'Delete' : 'Purge with history'}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
