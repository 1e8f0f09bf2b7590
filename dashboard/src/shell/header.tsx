import { Burger, Group, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { IconHelp, IconKey, IconLogout } from '@tabler/icons-react';
import type { Access } from '../api/access.ts';
import { useAccess } from '../api/access.ts';
import { logOut } from '../api/session.ts';
import { IconButton } from '../components/icon-button.tsx';
import { Mark } from '../components/mark.tsx';
import { follow } from '../router/link.tsx';
import { BASE } from '../router/location.ts';
import { ColorSchemeToggle } from './color-scheme-toggle.tsx';
import classes from './shell.module.css';

/** What {@link Header} is given. */
export interface HeaderProps {
  menuOpened: boolean;
  onMenu(): void;
  onHelp(): void;
}

/** The bar at the top: where we are, who we are, and how it looks. */
export function Header({ menuOpened, onMenu, onHelp }: HeaderProps) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        <Burger
          opened={menuOpened}
          onClick={onMenu}
          hiddenFrom="sm"
          size="sm"
          aria-label={menuOpened ? 'Close the menu' : 'Open the menu'}
        />
        <a href={`${BASE}/`} onClick={follow} className={classes.logo}>
          <img src="/favicon.svg" width={26} height={26} alt="" />
          kvflow
        </a>
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Caller />
        <IconButton
          icon={IconHelp}
          label="Help and keyboard"
          tip="Help and keyboard (?)"
          size="lg"
          onClick={onHelp}
        />
        <ColorSchemeToggle />
      </Group>
    </Group>
  );
}

/** Under which API key we call, and that it may change nothing, where that is so. */
function Caller() {
  const access = useAccess();
  if (!access) return null;
  return (
    <>
      {access.read_only && (
        <Tooltip label="This API key can look at everything it may use and change nothing.">
          <Mark color="orange" tabIndex={0}>
            Read-only
          </Mark>
        </Tooltip>
      )}
      {access.keys_required && (
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <UnstyledButton aria-label={`API key ${access.name}`}>
              <Group gap={6} fz="sm" c="dimmed">
                <IconKey size={16} stroke={1.6} aria-hidden />
                {access.name}
              </Group>
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Rights access={access} />
            <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={logOut}>
              Log out
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

/** What the key may reach, as `kvflow keys add` was told. */
function Rights({ access }: { access: Access }) {
  const { functions, buckets, subjects, destinations, tables, namespaces, flows } = access;
  const rights = { functions, buckets, subjects, destinations, tables, namespaces };
  return (
    <>
      {Object.entries(rights).map(([name, patterns]) => (
        <Menu.Label key={name} maw={320} className="wrap">
          {name}: {patterns.length > 0 ? patterns.join(', ') : 'none'}
        </Menu.Label>
      ))}
      <Menu.Label>flows: {flows ? 'yes' : 'no'}</Menu.Label>
      <Menu.Divider />
    </>
  );
}
