import { Checkbox, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import { refreshFunctions } from '../../api/use-invoke.ts';
import type { GroupDialogProps } from '../../components/compact-markers.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DurationField } from '../../components/duration-field.tsx';
import { ScanStatus } from '../../components/scan-status.tsx';
import { useScan } from '../../hooks/use-scan.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { notify } from '../../lib/notify.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { countKeys, type Touched, touchAll, type WithoutTtl } from './touching.ts';

/** Gives the keys of a group a time to live, from now: they are counted first, and nothing is changed of a key that was written meanwhile. */
export function SetTtl({ bucket, filter, onDone, onClose }: GroupDialogProps) {
  const [ttl, setTtl] = useState<number>();
  const [onlyWithout, setOnlyWithout] = useState(true);
  const counting = useScan<WithoutTtl>();
  const touching = useScan<Touched>();
  const { start } = counting;
  useEffect(() => start(countKeys(bucket, filter)), [start, bucket, filter]);
  const counted = counting.scan.result;
  const keys = counted && (onlyWithout ? counted.without : counted.keys);
  const running = touching.scan.kind === 'running';
  const { touched = 0, changed = 0 } = touching.scan.result ?? {};

  function set(): void {
    if (!ttl) return;
    touching.start(async (signal, tell) => {
      let last: Touched = { touched: 0, changed: 0 };
      await touchAll({ bucket, filter, ttl, onlyWithout })(signal, sums => {
        last = sums;
        tell(sums);
      });
      notify(
        `${plural(last.touched, 'key')} will end${last.changed > 0 ? `, ${last.changed} changed meanwhile and stay as they are` : ''}.`,
      );
      await refreshFunctions('kv-key-list', 'kv-key-get', 'kv-bucket-usage');
      onDone();
      onClose();
    });
  }

  return (
    <ConfirmDialog
      title={`Set a ttl for ${filter}`}
      confirm={keys === undefined ? 'Set the ttl' : `Set the ttl of ${plural(keys, 'key')}`}
      focus="field"
      busy={running}
      disabled={!ttl || !keys || counting.scan.kind !== 'done'}
      error={touching.scan.error ?? counting.scan.error}
      onConfirm={set}
      onClose={onClose}
    >
      <DurationField label="Time to live, from now" value={ttl} onChange={setTtl} data-autofocus />
      <Checkbox
        label="Only keys that have none"
        checked={onlyWithout}
        onChange={event => setOnlyWithout(event.currentTarget.checked)}
      />
      <Text size="sm" role="status">
        {keys === undefined
          ? 'Counting…'
          : ttl
            ? `${plural(keys, 'key')} under ${visibleText(filter)} will be gone ${durationWords(ttl)} from now, unless written again.`
            : `${plural(keys, 'key')} under ${visibleText(filter)}, ${formatCount(counted?.without ?? 0)} without a ttl.`}
      </Text>
      {running && (
        <ScanStatus
          scan={touching.scan}
          what={`${formatCount(touched + changed)} of ${formatCount(keys ?? 0)}`}
          share={(touched + changed) / Math.max(1, keys ?? 0)}
          onCancel={touching.cancel}
        />
      )}
    </ConfirmDialog>
  );
}
