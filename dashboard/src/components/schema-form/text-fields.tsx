import { Autocomplete, Input, TagsInput, TextInput } from '@mantine/core';
import { useInvoke } from '../../api/use-invoke.ts';
import { CodeEditor } from '../code-editor.tsx';
import { defaultText } from './amount-fields.tsx';
import type { FieldProps } from './form-context.ts';
import { useFieldTexts } from './form-context.ts';

/** A line of text. Emptied, it is left out. */
export function TextField(props: FieldProps) {
  return (
    <TextInput
      {...useFieldTexts(props)}
      value={textOf(props.value)}
      onChange={event => props.onChange(event.currentTarget.value || undefined)}
      placeholder={defaultText(props) ?? exampleText(props)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

/** The name of a bucket: those there are, and any other. */
export function BucketField(props: FieldProps) {
  const { data } = useInvoke('kv-bucket-list', {});
  return (
    <Autocomplete
      {...useFieldTexts(props)}
      data={data?.buckets.map(({ bucket }) => bucket) ?? []}
      limit={50}
      value={textOf(props.value)}
      onChange={text => props.onChange(text || undefined)}
      placeholder={exampleText(props)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

/** A program. */
export function CodeField(props: FieldProps) {
  const { label, description, error, withAsterisk } = useFieldTexts(props);
  return (
    <Input.Wrapper label={label} description={description} error={error} withAsterisk={withAsterisk}>
      <CodeEditor
        value={textOf(props.value)}
        onChange={text => props.onChange(text || undefined)}
        label={props.name}
        height={200}
      />
    </Input.Wrapper>
  );
}

/** A list of short texts; Enter adds one. */
export function TextsField(props: FieldProps) {
  const value = Array.isArray(props.value) ? props.value.map(String) : [];
  return (
    <TagsInput
      {...useFieldTexts(props)}
      value={value}
      onChange={texts => props.onChange(texts.length === 0 && !props.required ? undefined : texts)}
      placeholder={value.length === 0 ? 'Enter adds one' : ''}
      allowDuplicates={props.schema.uniqueItems !== true}
      splitChars={[]}
      acceptValueOnBlur
    />
  );
}

/** Text, or a number where that is written as the text is: `007`, `NaN` and more digits than a number has stay text. */
export function TextOrNumberField(props: FieldProps) {
  const read = (text: string) => {
    const number = Number(text);
    return Number.isFinite(number) && String(number) === text ? number : text || undefined;
  };
  return (
    <TextInput
      {...useFieldTexts(props)}
      value={props.value === undefined ? '' : String(props.value)}
      onChange={event => props.onChange(read(event.currentTarget.value))}
      placeholder={exampleText(props)}
      autoComplete="off"
    />
  );
}

/** An example in an empty field. */
export function exampleText({ schema }: FieldProps): string | undefined {
  const [example] = schema.examples ?? [];
  return typeof example === 'string' ? `Such as ${example}` : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
