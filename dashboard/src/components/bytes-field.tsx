import { formatBytes, formatCount } from '../lib/format.ts';
import { AmountField, type AmountFieldProps, type AmountKind } from './amount-field.tsx';

const SIZES: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

const BYTES: AmountKind = {
  read,
  write,
  help: 'Write it as 100 MiB, 64 KiB or no limit',
  aside: value => (value >= 1024 ? `${formatCount(value)} B` : undefined),
};

/** Bytes, written as people do: `100 MiB`, `1.5G`, `65536`, `no limit`. Shows both. */
export function BytesField(props: AmountFieldProps) {
  return <AmountField placeholder="100 MiB, 64 KiB, no limit" {...props} kind={BYTES} />;
}

/** Exactly what it is: in a unit only where nothing is lost by it. */
function write(bytes: number): string {
  if (bytes < 0) return 'no limit';
  const words = formatBytes(bytes);
  return read(words) === bytes ? words : String(bytes);
}

function read(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (/^(no limit|unlimited|-1)$/.test(lower)) return -1;
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/.exec(lower) ?? [];
  return amount === '' ? undefined : Math.round(Number(amount) * (SIZES[unit] ?? 1));
}
