import { SegmentedControl, type SegmentedControlProps } from '@mantine/core';

/** What {@link Segments} is given, beside what a control of segments takes. */
export interface SegmentsProps<Value extends string>
  extends Omit<SegmentedControlProps, 'data' | 'value' | 'onChange' | 'aria-label'> {
  label: string;
  /** What there is to choose, with what each is called. */
  of: Readonly<Record<Value, string>>;
  value: Value;
  onChange(value: NoInfer<Value>): void;
  /** Those that cannot be chosen now. */
  off?: readonly Value[];
}

/** A choice of a few, side by side. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  const { label, of, onChange, off = [], ...others } = props;
  const data = Object.entries<string>(of).map(([value, name]) => ({
    value,
    label: name,
    disabled: off.includes(value as Value),
  }));
  return (
    <SegmentedControl
      size="xs"
      {...others}
      aria-label={label}
      data={data}
      onChange={value => onChange(value as Value)}
    />
  );
}
