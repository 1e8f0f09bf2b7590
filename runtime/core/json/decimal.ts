/** A decimal number: its digits, the first and last of which are none of 0, and where the point is before them; zero has none. */
interface Decimal {
  negative: boolean;
  digits: string;
  point: number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Compares two numbers as JSON writes them, digit by digit: below 0, 0 or above 0. */
export function compareDecimals(a: string, b: string): number {
  const [one, two] = [read(a), read(b)];
  if (one.negative !== two.negative) return one.negative ? -1 : 1;
  const size = compareSizes(one, two);
  return one.negative ? -size : size;
}

/** Whether a number as JSON writes it is what JavaScript makes of it. */
export function isExact(token: string): boolean {
  const value = Number(token);
  return Number.isFinite(value) && compareDecimals(token, String(value)) === 0;
}

/** Whether a number as JSON writes it is a whole one. */
export function isWhole(token: string): boolean {
  const { digits, point } = read(token);
  return digits.length <= Math.max(0, point);
}

function compareSizes(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length;
  if (a.point !== b.point) return a.point - b.point;
  return a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0;
}

function read(token: string): Decimal {
  const [, sign = '', whole = '', part = '', exponent = '0'] = NUMBER.exec(token) ?? [];
  const all = whole + part;
  const digits = all.replace(/^0+/, '');
  const point = whole.length - (all.length - digits.length) + Number(exponent);
  const short = digits.replace(/0+$/, '');
  return short === ''
    ? { negative: false, digits: '', point: 0 }
    : { negative: sign === '-', digits: short, point };
}
