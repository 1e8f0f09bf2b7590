import { Group, Input, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { useInvoke } from '../../api/use-invoke.ts';
import { TakenBox } from '../../components/text-box.tsx';
import { ANY, namesMany, type Range, type Start } from './range.ts';

/** Words for where watching begins. */
export const STARTS: { value: Start; label: string }[] = [
  { value: 'new', label: 'From now on' },
  { value: 'current', label: 'Current values first' },
  { value: 'history', label: 'All history first' },
];

/** Chooses what is watched. */
export function WatchBar({ range, onChange }: { range: Range; onChange(range: Partial<Range>): void }) {
  const { data } = useInvoke('kv-bucket-list', {});
  const names = data?.buckets.map(({ bucket }) => bucket) ?? [];
  // A bucket that is not listed, or not yet, is still the one that the address names.
  const [typed, setTyped] = useState('');
  const others = [range.bucket, ...(namesMany(typed) ? [typed] : [])].filter(
    name => name !== '' && name !== ANY && !names.includes(name),
  );
  const options = [ANY, ...new Set(others), ...names].map(value => ({ value, label: labelOf(value) }));
  return (
    <Group gap="sm" align="flex-end" mb="sm">
      <Select
        label="Bucket"
        placeholder="Choose a bucket"
        data={options}
        value={range.bucket || null}
        onChange={bucket => onChange({ bucket: bucket ?? '' })}
        searchable
        onSearchChange={setTyped}
        nothingFoundMessage="No bucket fits; several are named as team-*"
        limit={100}
        w={240}
        maxDropdownHeight={320}
      />
      <TakenBox
        {...FIELD}
        label="Keys"
        placeholder="all, or user.*"
        value={range.filter}
        onChange={filter => onChange({ filter })}
      />
      <TakenBox
        {...FIELD}
        label="When"
        placeholder="$.value.total > 10"
        title="JavaScript, run in kvflow's sandbox: $ has bucket, key, operation, revision and value"
        value={range.when}
        onChange={when => onChange({ when })}
      />
      <Input.Wrapper label="Start" labelElement="div" maw="100%" style={{ overflowX: 'auto' }}>
        <SegmentedControl
          aria-label="Start"
          value={range.start}
          onChange={start => onChange({ start })}
          data={STARTS}
          styles={{ root: { display: 'flex' } }}
        />
      </Input.Wrapper>
    </Group>
  );
}

function labelOf(bucket: string): string {
  if (bucket === ANY) return 'All buckets';
  return namesMany(bucket) ? `Buckets like ${bucket}` : bucket;
}

const FIELD = { code: true, w: 230 } as const;
