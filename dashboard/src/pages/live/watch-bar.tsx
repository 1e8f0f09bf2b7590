import { Group, Input, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { WatchRange } from '../../api/change.ts';
import { useInvoke } from '../../api/use-invoke.ts';

/** Where watching begins. */
export type Start = NonNullable<WatchRange['start']>;

/** What is watched, as the address has it. */
export interface Range {
  bucket: string;
  filter: string;
  start: Start;
}

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
  const options = range.bucket === '' || names.includes(range.bucket) ? names : [range.bucket, ...names];
  return (
    <Group gap="sm" align="flex-end" mb="sm">
      <Select
        label="Bucket"
        placeholder="Choose a bucket"
        data={options}
        value={range.bucket || null}
        onChange={bucket => onChange({ bucket: bucket ?? '' })}
        searchable
        nothingFoundMessage="No bucket fits"
        limit={100}
        w={240}
        maxDropdownHeight={320}
      />
      <PatternField value={range.filter} onChange={filter => onChange({ filter })} />
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

/** Taken over with Enter or when it is left: a pattern half-typed would be watched at each letter. */
function PatternField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const take = () => text.trim() !== value && onChange(text.trim());
  return (
    <TextInput
      label="Keys"
      placeholder="all, or user.*"
      value={text}
      onChange={event => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={event => event.key === 'Enter' && take()}
      autoComplete="off"
      spellCheck={false}
      w={230}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
    />
  );
}
