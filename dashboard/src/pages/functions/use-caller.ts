import { useEffect, useState } from 'react';
import { parseExactNumbers } from '../../../../contract/exact-number.ts';
import { toApiError } from '../../api/api-error.ts';
import type { FunctionSpec } from '../../api/functions.ts';
import type { SchemaFormState } from '../../components/schema-form/use-schema-form.ts';
import { useSchemaForm } from '../../components/schema-form/use-schema-form.ts';
import { type FormDraft, useFormDraft } from '../../hooks/use-form-draft.ts';
import { isObject } from '../../lib/is-object.ts';
import { inputOfFragment } from './deep-link.ts';
import type { Run } from './runs.ts';
import { run as call } from './runs.ts';

/** How the input is entered. */
export type Mode = 'form' | 'json';

/** The state of a function's page: its input, as a form and as JSON at once, and what was answered. */
export interface Caller {
  spec: FunctionSpec;
  form: SchemaFormState;
  mode: Mode;
  setMode(mode: Mode): void;
  /** The input as the JSON editor shows it. */
  text: string;
  setText(text: string): void;
  /** What is wrong with the text; undefined where it is an object. */
  unreadable: string | undefined;
  /** Puts another input into form and editor. */
  fill(input: Record<string, unknown>): void;
  /** Changes whenever the input came from elsewhere than the form's own fields. */
  filled: number;
  /** Whether it may be sent; shows in the form what is missing if not. JSON is sent as it is: the server judges it. */
  submit(): boolean;
  /** What was entered earlier and not sent. */
  kept: FormDraft;
  /** Takes it up. */
  take(typed: string): void;
  /** Sends it. */
  send(): Promise<void>;
  pending: boolean;
  /** What is shown as the answer. */
  run: Run | undefined;
  show(run: Run): void;
}

/** Keeps it. Begins with the input of the address, where it has one. */
export function useCaller(spec: FunctionSpec): Caller {
  const [start] = useState(() => inputOfFragment(location.hash) ?? {});
  const form = useSchemaForm(spec.input, start);
  const [mode, setModeState] = useState<Mode>('form');
  const [text, setTextState] = useState(() => write(start));
  const [filled, setFilled] = useState(0);
  // What came from the address, an example or an earlier call need not be kept.
  const [known, setKnown] = useState(() => JSON.stringify(start));
  const [pending, setPending] = useState(false);
  const [run, setRun] = useState<Run>();
  const read = mode === 'json' ? parse(text) : undefined;
  const unreadable = read && 'fault' in read ? read.fault : undefined;

  // A secret is never kept.
  const secret = Object.values(spec.input.properties ?? {}).some(({ writeOnly }) => writeOnly === true);
  const entered = mode === 'json' && unreadable !== undefined ? text : JSON.stringify(form.value);
  const kept = useFormDraft(`function ${spec.name}`, secret ? known : entered, known);

  function fill(input: Record<string, unknown>): void {
    form.set(input);
    setKnown(JSON.stringify(input));
    setTextState(write(input));
    setFilled(count => count + 1);
  }

  function setMode(next: Mode): void {
    // A form cannot show a text that is not read: it is put right first, not thrown away.
    if (unreadable !== undefined) return;
    setModeState(next);
    setTextState(write(form.value));
    setFilled(count => count + 1);
  }

  /** Takes up what was typed earlier, readable or not. */
  function take(typed: string): void {
    const parsed = parse(typed);
    if ('value' in parsed) form.set(parsed.value);
    else setModeState('json');
    setTextState('value' in parsed ? write(parsed.value) : typed);
    setFilled(count => count + 1);
  }

  function setText(typed: string): void {
    setTextState(typed);
    const parsed = parse(typed);
    if ('value' in parsed) form.set(parsed.value);
  }

  async function send(): Promise<void> {
    setPending(true);
    const { run: made, error } = await call(spec.name, form.value, mode === 'json' ? text : undefined);
    setPending(false);
    setRun(made);
    if (error !== undefined) form.reject(toApiError(error).errors);
    else kept.forget();
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: a link to the same function with another input
  useEffect(() => {
    const follow = () => {
      const input = inputOfFragment(location.hash);
      if (input) fill(input);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  return {
    spec,
    form,
    mode,
    setMode,
    text,
    setText,
    unreadable,
    fill,
    filled,
    submit: () => (mode === 'json' ? unreadable === undefined : form.submit()),
    kept,
    take,
    send,
    pending,
    run,
    show: chosen => {
      fill(isObject(chosen.input) ? chosen.input : {});
      setRun(chosen);
    },
  };
}

function parse(text: string): { value: Record<string, unknown> } | { fault: string } {
  try {
    const value: unknown = parseExactNumbers(text.trim() === '' ? '{}' : text);
    return isObject(value) ? { value } : { fault: 'The input must be a JSON object' };
  } catch (error) {
    return { fault: `This is not JSON yet: ${error instanceof Error ? error.message : error}` };
  }
}

function write(input: Record<string, unknown>): string {
  return JSON.stringify(input, null, 2);
}
