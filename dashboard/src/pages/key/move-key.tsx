import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Muted } from '../../components/muted.tsx';
import { Segments } from '../../components/segments.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { navigate, pathTo } from '../../router/location.ts';
import { BucketSelect } from '../bulk/bucket-select.tsx';

/** What {@link MoveKey} is given. */
export interface MoveKeyProps {
  bucket: string;
  keyName: string;
  revision: number | undefined;
  onClose(): void;
}

/** Gives an item another key, or a copy of it to another key or bucket, and goes there. */
export function MoveKey({ bucket, keyName, revision, onClose }: MoveKeyProps) {
  const [what, setWhat] = useState<'rename' | 'copy'>('rename');
  const [to, setTo] = useState(keyName);
  const [other, setOther] = useState('');
  const [overwrite, setOverwrite] = useState(false);
  const rename = useAction('kv-key-rename', {
    done: 'Renamed.',
    refresh: ['kv-bucket-list', 'kv-bucket-info', 'kv-key-list'],
  });
  const copy = useAction('kv-key-copy', { done: 'Copied.' });
  const isCopy = what === 'copy';
  const { error, isPending } = isCopy ? copy : rename;
  const target = isCopy && other !== '' ? other : bucket;
  const same = target === bucket && to === keyName;

  function move(): void {
    const expected = revision === undefined ? {} : { expected_revision: revision };
    const input = { bucket, key: keyName, to, overwrite, ...expected };
    const onSuccess = () => {
      onClose();
      navigate(pathTo('buckets', target, 'keys', to));
    };
    if (isCopy) copy.mutate({ ...input, ...(target !== bucket && { to_bucket: target }) }, { onSuccess });
    else rename.mutate(input, { onSuccess });
  }

  return (
    <ConfirmDialog
      title="Rename or copy this key"
      confirm={isCopy ? 'Copy' : 'Rename'}
      focus="field"
      busy={isPending}
      disabled={same || to === ''}
      error={error}
      onConfirm={move}
      onClose={onClose}
    >
      <Segments
        size="sm"
        label="What to do"
        value={what}
        onChange={setWhat}
        of={{ rename: 'Rename', copy: 'Copy' }}
      />
      <TextBox label="New key" value={to} onChange={setTo} code data-autofocus />
      {isCopy && (
        <BucketSelect
          label="To bucket"
          value={other}
          onChange={setOther}
          description="This bucket, where none is chosen."
        />
      )}
      <Checkbox
        label="Write over a key that is there"
        checked={overwrite}
        onChange={event => setOverwrite(event.currentTarget.checked)}
      />
      <Muted>
        {isCopy
          ? 'The copy has the value, content type, metadata and what is left of its time; not its history.'
          : 'In one commit: nobody sees it twice or not at all. Its history stays with the old key, which is deleted.'}
      </Muted>
    </ConfirmDialog>
  );
}
