/** How numbers are written for people. All of it is English, as the whole dashboard is. */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 1536 is `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let amount = Math.abs(bytes);
  let unit = 0;
  while (amount >= 1024 && unit < BYTE_UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : amount >= 10 ? 1 : 2;
  return `${bytes < 0 ? '-' : ''}${Number(amount.toFixed(digits))} ${BYTE_UNITS[unit]}`;
}

/** 1234567 is `1,234,567`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** 1234567 is `1.2M`. */
export function formatShort(count: number): string {
  return short.format(count);
}

/** "1 key", "2 keys". */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
