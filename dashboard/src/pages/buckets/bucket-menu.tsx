import { IconPencil, IconTrash } from '@tabler/icons-react';
import { ActionsMenu, MenuAction } from '../../components/actions-menu.tsx';
import { visibleText } from '../../lib/visible-text.ts';

/** What {@link BucketMenu} is given. */
export interface BucketMenuProps {
  bucket: string;
  onEdit(): void;
  onDelete(): void;
}

/** What can be done with a bucket of the table. */
export function BucketMenu({ bucket, onEdit, onDelete }: BucketMenuProps) {
  return (
    <ActionsMenu size="sm" label={`Actions of ${visibleText(bucket)}`}>
      <MenuAction icon={IconPencil} calls="kv-bucket-update" bucket={bucket} onClick={onEdit}>
        Edit options
      </MenuAction>
      <MenuAction icon={IconTrash} calls="kv-bucket-delete" bucket={bucket} danger onClick={onDelete}>
        Delete
      </MenuAction>
    </ActionsMenu>
  );
}
