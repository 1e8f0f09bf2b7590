import { Divider, NavLink } from '@mantine/core';
import { IconBook2, IconSitemap } from '@tabler/icons-react';
import { useAccess } from '../api/access.ts';
import { Muted } from '../components/muted.tsx';
import { matchPage, navigationPages } from '../pages/pages.ts';
import { follow } from '../router/link.tsx';
import { pathTo, useParts } from '../router/location.ts';

/** Pages that are on this server and not of the dashboard. */
const ELSEWHERE = [
  { href: '/docs', label: 'API reference', icon: IconBook2 },
  { href: '/flows', label: 'Flow editor', icon: IconSitemap },
];

/** The list of pages. */
export function Navigation() {
  const parts = useParts();
  const version = useAccess()?.version;
  const open = matchPage(parts)?.page.parts[0];
  return (
    <>
      {navigationPages.map(({ path, nav }) => {
        const here = open === path.split('/')[0];
        return (
          <NavLink
            key={path}
            href={pathTo(...path.split('/'))}
            onClick={follow}
            label={nav.label}
            leftSection={<nav.icon size={19} stroke={1.6} aria-hidden />}
            active={here}
            aria-current={here ? 'page' : undefined}
            // On the colour that Mantine has for the pointer the name could hardly be read.
            vars={() => ({ root: { '--nl-hover': 'var(--nl-bg)' }, children: {} })}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        );
      })}
      <Divider my="sm" color="var(--kv-line)" />
      {ELSEWHERE.map(({ href, label, icon: Icon }) => (
        <NavLink
          key={href}
          href={href}
          label={label}
          leftSection={<Icon size={19} stroke={1.6} aria-hidden />}
          style={{ borderRadius: 'var(--mantine-radius-md)' }}
        />
      ))}
      {version && (
        <Muted size="xs" mt="auto" px="xs" className="num">
          kvflow {version}
        </Muted>
      )}
    </>
  );
}
