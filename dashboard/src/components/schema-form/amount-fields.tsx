import { Select, Switch } from '@mantine/core';
import { BytesField } from '../bytes-field.tsx';
import { DurationField } from '../duration-field.tsx';
import { NumberField } from '../number-field.tsx';
import type { FieldProps } from './form-context.ts';
import { useFieldTexts, useUnreadable } from './form-context.ts';

/** One of a few values. */
export function EnumField(props: FieldProps) {
  const { schema, value, onChange, required } = props;
  const all = schema.enum ?? [];
  return (
    <Select
      {...useFieldTexts(props)}
      data={all.map(one => ({ value: JSON.stringify(one), label: String(one) }))}
      value={value === undefined ? null : JSON.stringify(value)}
      onChange={chosen => onChange(chosen === null ? undefined : JSON.parse(chosen))}
      placeholder={defaultText(props)}
      clearable={!required}
      comboboxProps={{ withinPortal: true }}
    />
  );
}

/** Yes or no; what the function takes by default until it is touched. */
export function BooleanField(props: FieldProps) {
  const { schema, value, onChange } = props;
  const { withAsterisk: _mark, ...texts } = useFieldTexts(props);
  const checked = (value ?? schema.default ?? false) === true;
  return (
    <Switch
      {...texts}
      checked={checked}
      onChange={event => onChange(event.currentTarget.checked)}
      styles={{ body: { alignItems: 'flex-start' } }}
    />
  );
}

/** A number. */
export function NumberAmount(props: FieldProps) {
  return (
    <NumberField
      {...useAmount(props)}
      value={props.value}
      whole={[props.schema.type].flat().includes('integer')}
      unit={props.schema['x-unit']}
      placeholder={defaultText(props)}
    />
  );
}

/** Nanoseconds. */
export function DurationAmount(props: FieldProps) {
  return <DurationField {...useAmount(props)} value={numberOf(props.value)} />;
}

/** Bytes. */
export function BytesAmount(props: FieldProps) {
  return <BytesField {...useAmount(props)} value={numberOf(props.value)} />;
}

/** Only null can be given, or nothing. */
export function NullField(props: FieldProps) {
  const { withAsterisk: _mark, ...texts } = useFieldTexts(props);
  return (
    <Switch
      {...texts}
      label={`${props.name}: null`}
      checked={props.value === null}
      onChange={event => props.onChange(event.currentTarget.checked ? null : undefined)}
    />
  );
}

/** What happens where nothing is entered. */
export function defaultText({ schema }: FieldProps): string | undefined {
  if (schema.default === undefined || schema.default === '') return undefined;
  return `Default: ${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}`;
}

/** Texts of the field, and what a change of it does: a text that is not understood blocks the form. */
function useAmount(props: FieldProps) {
  const setUnreadable = useUnreadable(props);
  const onChange = (value: unknown, fault: string | undefined) => {
    setUnreadable(fault);
    props.onChange(value);
  };
  return { ...useFieldTexts(props), onChange };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
