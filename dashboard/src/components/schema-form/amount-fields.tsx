import { NumberInput, Select, Switch } from '@mantine/core';
import { BytesField } from '../bytes-field.tsx';
import { DurationField } from '../duration-field.tsx';
import type { FieldProps } from './form-context.ts';
import { useFieldTexts } from './form-context.ts';

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
  return (
    <NumberInput
      {...useFieldTexts(props)}
      value={typeof value === 'number' ? value : ''}
      onChange={entered => onChange(entered === '' ? undefined : Number(entered))}
      allowDecimal={!whole}
      placeholder={defaultText(props)}
      {...(schema['x-unit'] && { suffix: ` ${schema['x-unit']}` })}
    />
  );
}

/** Nanoseconds. */
export function DurationAmount(props: FieldProps) {
  return <DurationField {...useFieldTexts(props)} value={numberOf(props.value)} onChange={props.onChange} />;
}

/** Bytes. */
export function BytesAmount(props: FieldProps) {
  return <BytesField {...useFieldTexts(props)} value={numberOf(props.value)} onChange={props.onChange} />;
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
