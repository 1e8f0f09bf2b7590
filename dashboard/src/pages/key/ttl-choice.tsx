import { Group, Select } from '@mantine/core';
import { durationWords } from '../../../../contract/duration.ts';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { DurationField } from '../../components/duration-field.tsx';
import { Muted } from '../../components/muted.tsx';
import { useNow } from '../../hooks/use-now.ts';
import { countdown } from '../../lib/relative-time.ts';

/** When an item was written and when it ends. */
export interface Lifetime {
  created_at: string;
  expires_at?: string | undefined;
}

/** What becomes of the expiry when a value is saved. */
export interface TtlChoice {
  mode: 'end' | 'again' | 'other' | 'none';
  /** Nanoseconds, with `other`. */
  ttl: number | undefined;
}

/** Whether an item's end is its own, not the one that the bucket gives to every item. */
export function hasOwnTtl({ created_at, expires_at }: Lifetime, { ttl }: BucketInfo): boolean {
  if (expires_at === undefined) return false;
  const span = (Date.parse(expires_at) - Date.parse(created_at)) * 1e6;
  return ttl <= 0 || Math.abs(span - ttl) > 2e6;
}

/** Whether a key of the bucket can have a ttl of its own. */
export function takesTtl({ key_ttl }: BucketInfo): boolean {
  return key_ttl;
}

/** An expiry is never lost by saving: its end stays where it is unless something else is chosen. */
export function firstChoice(item: Lifetime, info: BucketInfo): TtlChoice {
  return { mode: takesTtl(info) && hasOwnTtl(item, info) ? 'end' : 'none', ttl: undefined };
}

/** `ttl` of the write, in nanoseconds, at this moment. Undefined: none of its own. */
export function chosenTtl(
  { mode, ttl }: TtlChoice,
  { created_at, expires_at }: Lifetime,
): number | undefined {
  if (mode === 'other') return ttl;
  if (expires_at === undefined || mode === 'none') return undefined;
  const end = Date.parse(expires_at);
  const span = mode === 'end' ? end - Date.now() : end - Date.parse(created_at);
  // Past its end it would be written without one, which is the opposite of what was meant.
  return Math.max(1, Math.round(span * 1e6));
}

/** Chooses it, and says what will happen. */
export function TtlField({
  item,
  info,
  choice,
  onChange,
}: {
  item: Lifetime;
  info: BucketInfo;
  choice: TtlChoice;
  onChange(choice: TtlChoice): void;
}) {
  const now = useNow(1_000);
  const bucketTtl =
    info.ttl > 0 ? `expires ${durationWords(info.ttl)} after it was saved, as the bucket has it` : undefined;
  if (!takesTtl(info)) {
    return <Muted>Saved, it {bucketTtl ?? 'never expires'}.</Muted>;
  }
  const own = hasOwnTtl(item, info);
  const end = Date.parse(item.expires_at ?? '');
  const span = durationWords((end - Date.parse(item.created_at)) * 1e6);
  const options = [
    ...(own
      ? [
          { value: 'end', label: `Expires as now, in ${countdown(end, now)}` },
          { value: 'again', label: `Starts again: ${span} after it was saved` },
        ]
      : []),
    {
      value: 'none',
      label: bucketTtl
        ? `As the bucket: ${durationWords(info.ttl)}`
        : own
          ? 'Loses it: never expires'
          : 'Never expires',
    },
    { value: 'other', label: 'Another ttl' },
  ];
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Expiry"
        w={320}
        data={options}
        value={choice.mode}
        allowDeselect={false}
        onChange={mode => onChange({ ...choice, mode: (mode ?? 'none') as TtlChoice['mode'] })}
      />
      {choice.mode === 'other' && (
        <DurationField
          aria-label="Expires after"
          value={choice.ttl}
          onChange={ttl => onChange({ ...choice, ttl })}
        />
      )}
    </Group>
  );
}
