import { Text } from '@mantine/core';

/** What a button will do, in words, before it is pressed. */
export function WillBe({ label, parts }: { label: string; parts: readonly string[] }) {
  if (parts.length === 0) return null;
  return (
    <Text size="sm" className="wrap" role="status" aria-label={label}>
      <Text span inherit fw={600}>
        {label}:
      </Text>{' '}
      {parts.join(', ')}.
    </Text>
  );
}
