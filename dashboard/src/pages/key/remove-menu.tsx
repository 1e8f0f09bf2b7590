import { Menu } from '@mantine/core';
import { IconForms, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';
import { ActionsMenu, MenuAction } from '../../components/actions-menu.tsx';

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
  const toRename = usePermission('kv-key-rename', bucket);
  return (
    <ActionsMenu size="lg" variant="default" label="More actions">
      {/* A copy may go elsewhere, so that a bucket that takes no writes does not keep it. */}
      <MenuAction
        icon={IconForms}
        calls={toRename.allowed ? 'kv-key-rename' : 'kv-key-copy'}
        bucket={bucket}
        onClick={() => onChoose('move')}
      >
        Rename or copy
      </MenuAction>
      <Menu.Divider />
      {(['delete', 'purge'] as const).map(operation => (
        <MenuAction
          key={operation}
          icon={IconTrash}
          calls={`kv-key-${operation}`}
          bucket={bucket}
          blocked={blocked}
          danger
          onClick={() => onChoose(operation)}
        >
          {operation === 'delete' ? 'Delete' : 'Purge with history'}
        </MenuAction>
      ))}
    </ActionsMenu>
  );
}
