import { Group, Tooltip, UnstyledButton } from '@mantine/core';
import { formatCount } from '../../lib/format.ts';
import classes from './live.module.css';
import type { Operation } from './operation.tsx';
import { OPERATION_NAMES, OPERATIONS } from './operation.tsx';

/** Counts by operation; pressed, an operation is left out of the list. */
export function OperationChips({
  counts,
  hidden,
  onChange,
}: {
  counts: Readonly<Record<Operation, number>>;
  hidden: ReadonlySet<Operation>;
  onChange(hidden: Operation[]): void;
}) {
  const toggle = (name: Operation) =>
    onChange(OPERATION_NAMES.filter(one => (one === name ? !hidden.has(one) : hidden.has(one))));
  return (
    <Group gap={6} role="group" aria-label="Operations shown">
      {OPERATION_NAMES.map(name => {
        const { icon: Icon, color, meaning } = OPERATIONS[name];
        const ground = `var(--mantine-color-${color}-light)`;
        const text = `var(--mantine-color-${color}-light-color)`;
        return (
          <Tooltip key={name} label={hidden.has(name) ? `${meaning}. Not shown` : meaning}>
            <UnstyledButton
              className={classes.chip}
              style={{ '--chip-color': text, '--chip-ground': ground } as never}
              aria-pressed={!hidden.has(name)}
              onClick={() => toggle(name)}
            >
              <Icon size={14} stroke={1.8} aria-hidden />
              {name}
              <span className="num" data-count={name}>
                {formatCount(counts[name])}
              </span>
            </UnstyledButton>
          </Tooltip>
        );
      })}
    </Group>
  );
}
