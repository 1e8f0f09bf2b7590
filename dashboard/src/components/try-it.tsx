import { Box, Button, Code, Group, Stack } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useAccess } from '../api/access.ts';
import type { BatchItem } from '../api/invoke.ts';
import { invoke } from '../api/invoke.ts';
import { notify } from '../lib/notify.ts';
import { CopyButton } from './copy-button.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { Guarded } from './guarded.tsx';

/** What {@link TryIt} is given. */
export interface TryItProps {
  /** Calls that are made one after the other. */
  calls: readonly BatchItem[];
  /** Said once all of them worked. */
  done: string;
  onDone(): void;
}

/** An example that runs with a click, or is copied to be run in a terminal. */
export function TryIt({ calls, done, onDone }: TryItProps) {
  const [open, setOpen] = useState(false);
  const keysRequired = useAccess()?.keys_required ?? false;
  const text = calls.map(call => curlOf(call, keysRequired)).join('\n');
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      for (const call of calls) await invoke(call.function, call.input as never);
    },
    onSuccess: () => {
      notify(done);
      onDone();
    },
  });
  return (
    <Stack gap="sm" w="100%" maw={760} align="center">
      <Group gap="xs">
        <Guarded
          calls={calls[0]?.function ?? ''}
          icon={IconPlayerPlay}
          loading={isPending}
          onClick={() => mutate()}
        >
          Try it
        </Guarded>
        <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the example' : 'Show the example'}
        </Button>
        <CopyButton text={text} label="Copy the example for a terminal" size="md" />
      </Group>
      {error && (
        <Box w="100%" ta="left">
          <ErrorNotice error={error} />
        </Box>
      )}
      {open && (
        <Code
          block
          w="100%"
          ta="left"
          mah={260}
          tabIndex={0}
          className="wrap"
          style={{ whiteSpace: 'pre-wrap' }}
          aria-label="The example for a terminal"
        >
          {text}
        </Code>
      )}
    </Stack>
  );
}

/** As it is typed into a shell; the API key comes from the variable KVFLOW_API_KEY. */
function curlOf({ function: name, input }: BatchItem, keysRequired: boolean): string {
  const body = JSON.stringify(input).replaceAll("'", "'\\''");
  const key = keysRequired ? ' -H "authorization: Bearer $KVFLOW_API_KEY"' : '';
  return `curl ${location.origin}/functions/${name}/invocations${key} -H content-type:application/json -d '${body}'`;
}
