import { Menu } from '@mantine/core';
import { IconArchive, IconDownload, IconHourglass, IconList, IconTrash } from '@tabler/icons-react';
import { ActionsMenu, MenuAction, MenuLink } from '../../components/actions-menu.tsx';
import { pathTo, withQuery } from '../../router/location.ts';

/** What {@link GroupMenu} is given. */
export interface GroupMenuProps {
  bucket: string;
  /** Names the group for those who cannot see the row. */
  label: string;
  /** What lists the keys of the group in the field of the keys' page. */
  filter: string;
  /** The same as a pattern of NATS, where there is one. */
  pattern: string | undefined;
  blocked: string | undefined;
  /** Why no key of the bucket can have a ttl of its own. */
  noTtl: string | undefined;
  onTtl(): void;
  onCompact(): void;
  onPurge(): void;
}

const NO_PATTERN = 'Only keys below a prefix that ends with a dot can be named for this.';

/** What can be done with a group of keys; what changes something shows first what it will do. */
export function GroupMenu(props: GroupMenuProps) {
  const { bucket, label, filter, pattern } = props;
  const blocked = props.blocked ?? (pattern === undefined ? NO_PATTERN : undefined);
  return (
    <ActionsMenu label={`Actions of ${label}`}>
      <MenuLink icon={IconList} to={withQuery(pathTo('buckets', bucket), { filter })}>
        List the keys
      </MenuLink>
      {pattern !== undefined && (
        <MenuLink
          icon={IconDownload}
          to={withQuery(pathTo('import-export'), { bucket, filter: pattern === '>' ? '' : pattern })}
        >
          Export
        </MenuLink>
      )}
      <Menu.Divider />
      <MenuAction
        icon={IconHourglass}
        calls="kv-key-touch"
        bucket={bucket}
        blocked={props.blocked ?? props.noTtl ?? blocked}
        onClick={props.onTtl}
      >
        Set a ttl
      </MenuAction>
      <MenuAction
        icon={IconArchive}
        calls="kv-bucket-compact"
        bucket={bucket}
        blocked={blocked}
        onClick={props.onCompact}
      >
        Compact
      </MenuAction>
      <MenuAction
        icon={IconTrash}
        calls="kv-key-purge"
        bucket={bucket}
        blocked={blocked}
        danger
        onClick={props.onPurge}
      >
        Purge
      </MenuAction>
    </ActionsMenu>
  );
}
