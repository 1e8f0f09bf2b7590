import { Button, Group } from '@mantine/core';
import { useEffect, useState } from 'react';
import { TakenBox } from '../../components/text-box.tsx';
import { momentWords, readMoment } from '../../lib/moment.ts';

const QUICK = ['1 hour', '1 day', '1 week'];

/** A field for a moment: a revision, how long ago, or a date and time. Below it says how it is understood. */
export function MomentField({
  label,
  value,
  now = false,
  onChange,
}: {
  label: string;
  value: string;
  /** Empty means now. */
  now?: boolean;
  onChange(value: string): void;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const moment = readMoment(typed);
  const empty = typed.trim() === '';
  const meaning = moment
    ? momentWords(moment)
    : now && empty
      ? 'now'
      : 'a revision, 2 hours, or 2026-01-31 12:00';
  return (
    <TakenBox
      label={label}
      size="xs"
      w={230}
      description={meaning}
      error={moment || empty ? undefined : 'No moment that has been'}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value}
      onType={setTyped}
      onChange={onChange}
    />
  );
}

/** Moments that are often meant. */
export function QuickMoments({ onChoose }: { onChoose(value: string): void }) {
  return (
    <Group gap={4} mt={22}>
      {QUICK.map(ago => (
        <Button key={ago} size="compact-xs" variant="default" onClick={() => onChoose(ago)}>
          {ago} ago
        </Button>
      ))}
    </Group>
  );
}
