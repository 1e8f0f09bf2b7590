import { Box, Group, Text } from '@mantine/core';
import { writeVisible } from '../lib/visible-json.ts';
import { CodeBlock } from './code-block.tsx';
import { CopyButton } from './copy-button.tsx';

/** JSON as it will be sent or was answered, with a button to copy it. */
export function JsonPreview({ value, label = 'JSON that will be sent' }: { value: unknown; label?: string }) {
  const text = writeVisible(value, 2);
  return (
    <Box>
      <Group justify="space-between" mb={4}>
        <Text size="xs" fw={600} c="dimmed">
          {label}
        </Text>
        <CopyButton text={text} label="Copy JSON" size="xs" />
      </Group>
      <CodeBlock label={label}>{text}</CodeBlock>
    </Box>
  );
}
