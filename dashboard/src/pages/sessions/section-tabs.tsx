import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { navigate, pathTo } from '../../router/location.ts';

/** The two kinds of state that transform keeps, each at an address of its own. */
export function SectionTabs({ section, children }: { section: 'sessions' | 'scripts'; children: ReactNode }) {
  return (
    <Tabs
      value={section}
      onChange={next => navigate(next === 'scripts' ? pathTo('sessions', 'scripts') : pathTo('sessions'))}
      keepMounted
    >
      <Tabs.List aria-label="What transform keeps" mb="md">
        <Tabs.Tab value="sessions">Session keys</Tabs.Tab>
        <Tabs.Tab value="scripts">Stored scripts</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="sessions">{section === 'sessions' && children}</Tabs.Panel>
      <Tabs.Panel value="scripts">{section === 'scripts' && children}</Tabs.Panel>
    </Tabs>
  );
}
