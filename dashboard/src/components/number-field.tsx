import { isExactNumber, parseExactNumbers } from '../../../contract/exact-number.ts';
import { AmountField, type AmountFieldProps, type AmountKind } from './amount-field.tsx';

const WHOLE = /^-?(0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

const KINDS: Record<'whole' | 'any', AmountKind<unknown>> = {
  whole: { read: reader(WHOLE), write: digitsOf, help: 'Write a whole number in digits, such as 42' },
  any: { read: reader(NUMBER), write: digitsOf, help: 'Write a number, such as 42 or 0.5' },
};

/** A number with all its digits; a text that is none is told, and never cut down to one. */
export function NumberField({
  whole,
  unit,
  ...props
}: AmountFieldProps<unknown> & { whole: boolean; unit?: string | undefined }) {
  const kind = { ...KINDS[whole ? 'whole' : 'any'], aside: () => unit };
  return <AmountField inputMode="decimal" {...props} kind={kind} />;
}

function reader(form: RegExp) {
  return (text: string) => (form.test(text) ? parseExactNumbers(text) : undefined);
}

function digitsOf(value: unknown): string {
  return isExactNumber(value) ? value.rawJSON : String(value);
}
