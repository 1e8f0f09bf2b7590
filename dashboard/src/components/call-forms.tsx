import { Box, Group } from '@mantine/core';
import { useState } from 'react';
import { useAccess } from '../api/access.ts';
import type { FunctionSpec } from '../api/functions.ts';
import { asCli } from '../lib/copies/as-cli.ts';
import { asCurl } from '../lib/copies/as-curl.ts';
import { asTypeScript } from '../lib/copies/as-typescript.ts';
import type { CopiedCall } from '../lib/copies/copy.ts';
import { writeVisible } from '../lib/visible-json.ts';
import { CodeBlock } from './code-block.tsx';
import { CopyButton } from './copy-button.tsx';
import { Muted } from './muted.tsx';
import { Segments } from './segments.tsx';

/** A form that a call can be written in. */
export interface CallForm {
  /** Names it among the others: "curl". */
  name: string;
  /** Names the text. */
  label: string;
  /** What to do with it. */
  hint?: string;
  /** Where the API key comes from, told where one is needed. */
  keyHint?: string;
  write(call: CopiedCall): string;
}

const FORMS: readonly CallForm[] = [
  { name: 'JSON', label: 'JSON that will be sent', write: ({ input }) => writeVisible(input, 2) },
  { name: 'curl', label: 'The same with curl', write: asCurl },
  { name: 'CLI', label: 'The same on the command line', write: asCli },
  { name: 'TypeScript', label: 'The same in TypeScript', write: asTypeScript },
];

/** What {@link CallForms} is given. */
export interface CallFormsProps {
  spec: FunctionSpec;
  input: Record<string, unknown>;
  /** Names the choice. */
  label?: string;
  forms?: readonly CallForm[];
}

/** A call as it will be sent, and as it is made from elsewhere. The API key is never part of it. */
export function CallForms({ spec, input, label = 'Show the call as', forms = FORMS }: CallFormsProps) {
  const [chosen, choose] = useState(forms[0]?.name ?? '');
  const keysRequired = useAccess()?.keys_required ?? false;
  const form = forms.find(({ name }) => name === chosen);
  const text = form?.write({ spec, input, origin: location.origin, keysRequired }) ?? '';
  return (
    <Box>
      <Group justify="space-between" mb={4}>
        <Segments
          label={label}
          value={chosen}
          onChange={choose}
          of={Object.fromEntries(forms.map(({ name }) => [name, name]))}
        />
        <CopyButton text={text} label={`Copy as ${chosen}`} size="xs" />
      </Group>
      <CodeBlock label={form?.label ?? ''}>{text}</CodeBlock>
      {form?.hint && (
        <Muted size="xs" mt={4}>
          {form.hint} {keysRequired && form.keyHint}
        </Muted>
      )}
    </Box>
  );
}
