import { NumberInput, Select, Switch } from '@mantine/core';
import { BytesField } from '../bytes-field.tsx';
import { DurationField } from '../duration-field.tsx';
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
export function NumberField(props: FieldProps) {
  const { schema, value, onChange } = props;
  const whole = [schema.type].flat().includes('integer');
  const setUnreadable = useUnreadable(props);
  function change(entered: number | string) {
    const number = entered === '' ? undefined : Number(entered);
    const readable = number === undefined || Number.isFinite(number);
    setUnreadable(readable ? undefined : 'This is not a number yet');
    onChange(readable ? number : undefined);
  }
  return (
    <NumberInput
      {...useFieldTexts(props)}
      value={typeof value === 'number' ? value : ''}
      onChange={change}
      allowDecimal={!whole}
      placeholder={defaultText(props)}
      {...(schema['x-unit'] && { suffix: ` ${schema['x-unit']}` })}
    />
  );
}

/** Nanoseconds. */
export function DurationAmount(props: FieldProps) {
  const setUnreadable = useUnreadable(props);
  const change = (value: number | undefined, fault: string | undefined) => {
    setUnreadable(fault);
    props.onChange(value);
  };
  return <DurationField {...useFieldTexts(props)} value={numberOf(props.value)} onChange={change} />;
}

/** Bytes. */
export function BytesAmount(props: FieldProps) {
  const setUnreadable = useUnreadable(props);
  const change = (value: number | undefined, fault: string | undefined) => {
    setUnreadable(fault);
    props.onChange(value);
  };
  return <BytesField {...useFieldTexts(props)} value={numberOf(props.value)} onChange={change} />;
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

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
