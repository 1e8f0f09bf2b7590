import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconForms, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';

/** What else is done with a key, after a dialog. */
export type KeyAction = 'move' | 'delete' | 'purge';

/** What {@link RemoveMenu} is given. */
export interface RemoveMenuProps {
  bucket: string;
  blocked: string | undefined;
  onChoose(operation: KeyAction): void;
}

/** Other ways to go with the key, and ways to be rid of it. */
export function RemoveMenu({ bucket, blocked, onChoose }: RemoveMenuProps) {
  const toDelete = usePermission('kv-key-delete', bucket).reason;
  const toPurge = usePermission('kv-key-purge', bucket).reason;
  const toRename = usePermission('kv-key-rename', bucket).reason;
  const toCopy = usePermission('kv-key-copy', bucket).reason;
  // A copy may go elsewhere, so that a bucket that takes no writes does not keep it.
  const toMove = toRename !== undefined && toCopy !== undefined ? toRename : undefined;
  const reasons = { delete: blocked ?? toDelete, purge: blocked ?? toPurge };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="lg" variant="default" aria-label="More actions">
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconForms size={16} aria-hidden />}
          disabled={toMove !== undefined}
          title={toMove}
          onClick={() => onChoose('move')}
        >
          Rename or copy
        </Menu.Item>
        <Menu.Divider />
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
