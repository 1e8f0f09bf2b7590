import { ActionIcon, Menu } from '@mantine/core';
import { IconArchive, IconDots, IconDownload, IconHourglass, IconList, IconTrash } from '@tabler/icons-react';
import { usePermission } from '../../api/access.ts';
import { follow } from '../../router/link.tsx';
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
  const { bucket, label, filter, pattern, blocked } = props;
  const none = pattern === undefined ? NO_PATTERN : undefined;
  const mayPurge = usePermission('kv-key-purge', bucket);
  const mayCompact = usePermission('kv-bucket-compact', bucket);
  const purge = blocked ?? mayPurge.reason ?? none;
  const compact = blocked ?? mayCompact.reason ?? none;
  const mayTouch = usePermission('kv-key-touch', bucket);
  const ttl = blocked ?? mayTouch.reason ?? props.noTtl ?? none;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={`Actions of ${label}`}>
          <IconDots size={16} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component="a"
          href={withQuery(pathTo('buckets', bucket), { filter })}
          onClick={follow}
          leftSection={<IconList size={16} aria-hidden />}
        >
          List the keys
        </Menu.Item>
        {pattern !== undefined && (
          <Menu.Item
            component="a"
            href={withQuery(pathTo('import-export'), { bucket, filter: pattern === '>' ? '' : pattern })}
            onClick={follow}
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Export
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconHourglass size={16} aria-hidden />}
          disabled={ttl !== undefined}
          title={ttl}
          onClick={props.onTtl}
        >
          Set a ttl
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArchive size={16} aria-hidden />}
          disabled={compact !== undefined}
          title={compact}
          onClick={props.onCompact}
        >
          Compact
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          disabled={purge !== undefined}
          title={purge}
          onClick={props.onPurge}
        >
          Purge
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
