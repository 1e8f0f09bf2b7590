import { Group, Input, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useInvoke } from '../../api/use-invoke.ts';
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
      <TypedField
        label="Keys"
        placeholder="all, or user.*"
        value={range.filter}
        onChange={filter => onChange({ filter })}
      />
      <TypedField
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

/** Taken over with Enter or when it is left: a pattern half-typed would be watched at each letter. */
function TypedField({
  value,
  onChange,
  ...names
}: {
  label: string;
  placeholder: string;
  title?: string;
  value: string;
  onChange(value: string): void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const take = () => text.trim() !== value && onChange(text.trim());
  return (
    <TextInput
      {...names}
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
