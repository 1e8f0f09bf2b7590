import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { session } from '../api/session.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { useStore } from '../lib/store.ts';
import { navigationPages } from '../pages/pages.ts';
import { navigate, pathTo, useParts } from '../router/location.ts';
import { Header } from './header.tsx';
import { HealthBanner } from './health-banner.tsx';
import { HelpOverlay } from './help-overlay.tsx';
import { LeaveQuestion } from './leave-question.tsx';
import { LoginPage } from './login-page.tsx';
import { Navigation } from './navigation.tsx';
import { Outlet } from './outlet.tsx';
import { Palette } from './palette.tsx';
import classes from './shell.module.css';

/** What is around every page. Without a key that the server takes, the login page is shown over it. */
export function Shell() {
  const { refused, generation } = useStore(session);
  const [menu, { toggle: toggleMenu, close: closeMenu }] = useDisclosure();
  const [help, { open: openHelp, close: closeHelp }] = useDisclosure();
  const parts = useParts();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of small screens closes when something was chosen
  useEffect(closeMenu, [parts]);
  useKeys({
    '?': openHelp,
    '/': focusSearch,
    ...Object.fromEntries(
      navigationPages.flatMap(({ nav, path }) =>
        nav.key ? [[`g ${nav.key}`, () => navigate(pathTo(...path.split('/')))]] : [],
      ),
    ),
  });
  return (
    <>
      {refused !== undefined && <LoginPage reason={refused} />}
      {/* Hidden and not taken away: what was typed there is still there after the log-in. */}
      <div hidden={refused !== undefined} key={generation}>
        <AppShell
          header={{ height: 52 }}
          navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !menu } }}
          padding="lg"
          classNames={{ header: classes.bar, navbar: classes.bar }}
        >
          <a className="skip-link" href="#main">
            Skip to content
          </a>
          <AppShell.Header>
            <Header menuOpened={menu} onMenu={toggleMenu} onHelp={openHelp} />
          </AppShell.Header>
          <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
            <Navigation />
          </AppShell.Navbar>
          <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
            <HealthBanner />
            <Outlet />
          </AppShell.Main>
          <HelpOverlay opened={help} onClose={closeHelp} />
          <LeaveQuestion />
          <Palette />
        </AppShell>
      </div>
    </>
  );
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('[data-page-search]');
  field?.focus();
  field?.select();
}
