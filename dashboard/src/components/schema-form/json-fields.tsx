import { Group, Input, JsonInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { parseExactNumbers } from '../../../../contract/exact-number.ts';
import { Segments } from '../segments.tsx';
import type { FieldProps } from './form-context.ts';
import { useFieldTexts, useForm, useUnreadable } from './form-context.ts';

/** Any JSON. */
export function JsonField(props: FieldProps) {
  const { form } = useForm();
  const [text, setText] = useState(() => write(props.value));
  const texts = useFieldTexts(props);
  const setUnreadable = useUnreadable(props);
  const broken = form.faults.find(({ pointer, message }) => pointer === props.pointer && message === NO_JSON);
  function change(typed: string) {
    setText(typed);
    const read = parse(typed);
    setUnreadable(read.ok ? undefined : NO_JSON);
    if (read.ok) props.onChange(read.value);
  }
  return (
    <JsonInput
      {...texts}
      // Part of a field that has the label.
      {...(props.name === '' && { 'aria-label': `${props.pointer.slice(1)} as JSON` })}
      error={broken ? NO_JSON : texts.error}
      value={same(parse(text), props.value) || broken ? text : write(props.value)}
      onChange={change}
      formatOnBlur
      autosize
      minRows={3}
      maxRows={14}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
    />
  );
}

/** Text, or an object or list as JSON. */
export function TextOrJsonField(props: FieldProps) {
  const [mode, setMode] = useState(typeof props.value === 'object' ? 'json' : 'text');
  const { form } = useForm();
  const { label, description, error, withAsterisk } = useFieldTexts(props);
  function change(chosen: string) {
    setMode(chosen);
    form.setUnreadable(props.pointer, undefined);
    props.onChange(undefined);
  }
  return (
    <Input.Wrapper
      label={
        <Group gap="xs" component="span">
          {label}
          {withAsterisk && <span aria-hidden>*</span>}
        </Group>
      }
      description={description}
      error={mode === 'text' ? error : undefined}
    >
      <Segments
        my={6}
        value={mode}
        onChange={change}
        label={`${props.name} is given as`}
        of={{ text: 'Text', json: 'JSON' }}
      />
      {mode === 'json' ? (
        <JsonField {...props} name="" schema={{ ...props.schema, description: '' }} />
      ) : (
        <Textarea
          aria-label={props.name}
          autosize
          minRows={2}
          maxRows={14}
          value={typeof props.value === 'string' ? props.value : ''}
          onChange={event => props.onChange(event.currentTarget.value || undefined)}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
      )}
    </Input.Wrapper>
  );
}

const NO_JSON = 'This is not JSON yet';

type Parsed = { ok: true; value: unknown } | { ok: false };

function parse(text: string): Parsed {
  if (text.trim() === '') return { ok: true, value: undefined };
  try {
    return { ok: true, value: parseExactNumbers(text) };
  } catch {
    return { ok: false };
  }
}

function same(parsed: Parsed, value: unknown): boolean {
  return parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(value);
}

function write(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}
