import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { JsonPreview } from '../../components/json-preview.tsx';
import type { Caller } from './use-caller.ts';

/** Functions that one does not want to be asked about any more, in this tab. */
const trusted = new Set<string>();

/** Whether one is asked before the function is called. */
export function asksFirst({ name, annotations }: Caller['spec']): boolean {
  return annotations.destructive && !trusted.has(name);
}

/** Asks before a call that may overwrite or delete. */
export function AskFirst(props: { caller: Caller; onCall(): void; onClose(): void }) {
  const {
    caller: { spec, form },
    onCall,
    onClose,
  } = props;
  const [trust, setTrust] = useState(false);
  const call = () => {
    if (trust) trusted.add(spec.name);
    onClose();
    onCall();
  };
  return (
    <ConfirmDialog title={`Call ${spec.name}?`} confirm="Call it" danger onConfirm={call} onClose={onClose}>
      <Text size="sm">It may overwrite or delete what is there.</Text>
      <JsonPreview value={form.value} />
      <Checkbox
        label={`Do not ask again for ${spec.name} in this tab`}
        checked={trust}
        onChange={event => setTrust(event.currentTarget.checked)}
      />
    </ConfirmDialog>
  );
}
