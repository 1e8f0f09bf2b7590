import { durationWords, parseDuration } from '../../../contract/duration.ts';
import { formatCount } from '../lib/format.ts';
import { AmountField, type AmountFieldProps, type AmountKind } from './amount-field.tsx';

const DURATION: AmountKind = {
  read: text => (/^\d+$/.test(text) ? Number(text) : parseDuration(text)),
  write: durationWords,
  help: 'Write it as 7 days, 1h 30m or 250 ms',
  aside: value => (value > 0 ? `${formatCount(value)} ns` : undefined),
};

/** Nanoseconds, written as people do: `7 days`, `1h 30m`, `250 ms`, `none`; a bare number is nanoseconds. Shows both. */
export function DurationField(props: AmountFieldProps) {
  return <AmountField placeholder="7 days, 1h 30m, 250 ms" {...props} kind={DURATION} />;
}
