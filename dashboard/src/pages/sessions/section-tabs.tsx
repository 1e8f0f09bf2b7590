import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { navigate, pathTo } from '../../router/location.ts';

const SECTIONS = { sessions: 'Session keys', scripts: 'Stored scripts', dead: 'Dead letters' };

/** The kinds of state that transform keeps, each at an address of its own. */
export function SectionTabs({ section, children }: { section: keyof typeof SECTIONS; children: ReactNode }) {
  return (
    <Tabs
      value={section}
      onChange={next =>
        navigate(next === 'sessions' || next === null ? pathTo('sessions') : pathTo('sessions', next))
      }
      keepMounted
    >
      <Tabs.List aria-label="What transform keeps" mb="md">
        {Object.entries(SECTIONS).map(([name, label]) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {Object.keys(SECTIONS).map(name => (
        <Tabs.Panel key={name} value={name}>
          {name === section && children}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
