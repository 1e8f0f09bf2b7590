import { Button, Group, Title, UnstyledButton } from '@mantine/core';
import { When } from '../../components/amounts.tsx';
import { useStore } from '../../lib/store.ts';
import { writeVisible } from '../../lib/visible-json.ts';
import { navigate } from '../../router/location.ts';
import { functionLink } from './deep-link.ts';
import classes from './functions.module.css';
import type { Run } from './runs.ts';
import { forgetRuns, runs } from './runs.ts';
import { StatusBadge } from './status-badge.tsx';

/** Calls made in this tab: of one function, or of all. Chosen, one is shown again with its input. */
export function RunList({ name, onChoose }: { name?: string; onChoose?: (run: Run) => void }) {
  const all = useStore(runs);
  const shown = name === undefined ? all : all.filter(one => one.function === name);
  if (shown.length === 0) return null;
  const open = onChoose ?? (({ function: fn, input }: Run) => navigate(functionLink(fn, input)));
  return (
    <section aria-label="Calls of this tab">
      <Group justify="space-between" mt="xl" mb="xs">
        <Title order={2} size="sm" c="dimmed">
          Calls of this tab
        </Title>
        <Button variant="subtle" size="compact-xs" color="gray" onClick={forgetRuns}>
          Forget all
        </Button>
      </Group>
      <ul className={classes.runs} style={{ margin: 0, padding: 0 }}>
        {shown.map(one => (
          <li key={one.id}>
            <UnstyledButton className={classes.run} onClick={() => open(one)}>
              <StatusBadge status={one.status} />
              <span className="mono">{one.function}</span>
              <span className="mono">{writeVisible(one.input).slice(0, 300)}</span>
              <span className="mono">{one.code ?? ''}</span>
              <When at={new Date(one.at).toISOString()} c="dimmed" ta="right" />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
