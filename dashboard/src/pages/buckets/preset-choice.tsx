import { Button, Group, Text } from '@mantine/core';
import { PRESETS, type Preset } from './presets.ts';

/** Kinds of buckets to start from, each with what it means. */
export function PresetChoice({
  chosen,
  onChoose,
}: {
  chosen: Preset | undefined;
  onChoose(preset: Preset): void;
}) {
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
      <Text size="sm" c="dimmed" role="status">
        {chosen
          ? chosen.about
          : 'A kind of bucket sets the options that it needs; all of them can be changed below.'}
      </Text>
    </section>
  );
}
