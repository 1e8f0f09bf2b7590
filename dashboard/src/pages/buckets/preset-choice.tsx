import { Button, Group, Text } from '@mantine/core';
import { Muted } from '../../components/muted.tsx';
import { PRESETS, type Preset } from './presets.ts';

/** Kinds of buckets to start from, each with what it means. */
export function PresetChoice(props: { chosen: Preset | undefined; onChoose(preset: Preset): void }) {
  const { chosen, onChoose } = props;
  return (
    <section aria-label="Start from">
      <Group gap={6} mb={4}>
        <Text size="sm" fw={600}>
          Start from
        </Text>
        {PRESETS.map(preset => (
          <Button
            key={preset.name}
            size="compact-sm"
            variant={preset === chosen ? 'light' : 'default'}
            aria-pressed={preset === chosen}
            onClick={() => onChoose(preset)}
          >
            {preset.name}
          </Button>
        ))}
      </Group>
      <Muted role="status">
        {chosen
          ? chosen.about
          : 'A kind of bucket sets the options that it needs; all of them can be changed below.'}
      </Muted>
    </section>
  );
}
