import { Box, Code, Group, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useAccess } from '../../api/access.ts';
import type { FunctionSpec } from '../../api/functions.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { asCli } from '../../lib/copies/as-cli.ts';
import { asCurl } from '../../lib/copies/as-curl.ts';
import type { CopiedCall } from '../../lib/copies/copy.ts';
import { asMcp } from './copies/as-mcp.ts';
import { asN8n } from './copies/as-n8n.ts';
import { asNodeRed } from './copies/as-node-red.ts';
import classes from './functions.module.css';

interface Form {
  label: string;
  hint: string;
  keyHint: string;
  write(call: CopiedCall): string;
}

const FORMS: Record<string, Form> = {
  curl: {
    label: 'curl',
    hint: 'For sh, bash and zsh.',
    keyHint: 'Put the API key into the variable KVFLOW_API_KEY first.',
    write: asCurl,
  },
  cli: {
    label: 'CLI',
    hint: 'Runs on the NATS that kvflow works on.',
    keyHint: '',
    write: asCli,
  },
  'node-red': {
    label: 'Node-RED',
    hint: 'Menu > Import, or paste it into a flow. What is left empty comes from the message.',
    keyHint: 'The connection takes the API key from the variable KVFLOW_API_KEY of Node-RED.',
    write: asNodeRed,
  },
  n8n: {
    label: 'n8n',
    hint: 'Paste it into a workflow, and choose the credential there.',
    keyHint: '',
    write: asN8n,
  },
  mcp: {
    label: 'MCP',
    hint: 'What an agent sends: tools/call, for POST /mcp or kvflow mcp.',
    keyHint: '',
    write: asMcp,
  },
};

/** The call as it is made from elsewhere. The API key is never part of it. */
export function CopyAs({ spec, input }: { spec: FunctionSpec; input: Record<string, unknown> }) {
  const [chosen, setChosen] = useState('curl');
  const keysRequired = useAccess()?.keys_required ?? false;
  const form = FORMS[chosen];
  const text = useMemo(
    () => form?.write({ spec, input, origin: location.origin, keysRequired }) ?? '',
    [form, spec, input, keysRequired],
  );
  return (
    <Box component="section" aria-label="The call for elsewhere">
      <Group justify="space-between" mb={6}>
        <SegmentedControl
          size="xs"
          aria-label="Copy as"
          value={chosen}
          onChange={setChosen}
          data={Object.entries(FORMS).map(([value, { label }]) => ({ value, label }))}
        />
        <CopyButton text={text} label={`Copy as ${form?.label}`} />
      </Group>
      <Code block tabIndex={0} aria-label={`The call as ${form?.label}`} className={classes.code ?? ''}>
        {text}
      </Code>
      <Text size="xs" c="dimmed" mt={4}>
        {form?.hint} {keysRequired && form?.keyHint}
      </Text>
    </Box>
  );
}
