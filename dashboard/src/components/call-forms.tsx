import { Box, Code, Group, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useAccess } from '../api/access.ts';
import type { FunctionSpec } from '../api/functions.ts';
import { asCli } from '../lib/copies/as-cli.ts';
import { asCurl } from '../lib/copies/as-curl.ts';
import { asTypeScript } from '../lib/copies/as-typescript.ts';
import type { CopiedCall } from '../lib/copies/copy.ts';
import { writeVisible } from '../lib/exact-json.ts';
import { CopyButton } from './copy-button.tsx';

const FORMS: Record<string, { label: string; write(call: CopiedCall): string }> = {
  json: { label: 'JSON that will be sent', write: ({ input }) => writeVisible(input, 2) },
  curl: { label: 'The same with curl', write: asCurl },
  CLI: { label: 'The same on the command line', write: asCli },
  TypeScript: { label: 'The same in TypeScript', write: asTypeScript },
};

/** What will be sent, as JSON, and as the calls from elsewhere that do the same. The API key is never part of it. */
export function CallForms({ spec, input }: { spec: FunctionSpec; input: Record<string, unknown> }) {
  const [chosen, choose] = useState('json');
  const keysRequired = useAccess()?.keys_required ?? false;
  const { label = '', write } = FORMS[chosen] ?? {};
  const text = write?.({ spec, input, origin: location.origin, keysRequired }) ?? '';
  return (
    <Box>
      <Group justify="space-between" mb={4}>
        <SegmentedControl
          size="xs"
          aria-label="Show the call as"
          value={chosen}
          onChange={choose}
          data={Object.keys(FORMS).map(value => ({ value, label: value === 'json' ? 'JSON' : value }))}
        />
        <CopyButton text={text} label="Copy it" size="xs" />
      </Group>
      <Code block tabIndex={0} aria-label={label} mah={320} style={{ overflow: 'auto' }}>
        {text}
      </Code>
    </Box>
  );
}
