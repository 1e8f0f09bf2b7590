const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const MICROSECONDS = 6;

/**
 * An RFC 3339 time as the same instant in UTC without needless zeros (`2026-01-02T03:04:05.25Z`), or undefined where the
 * text is none, or is finer than the microseconds that warehouses keep.
 */
export function canonicalTimestamp(text: string): string | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', digits = ''] = match;
  const fraction = digits.replace(/0+$/, '');
  if (fraction.length > MICROSECONDS || !isDay(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = (match[8] ?? 'Z').toUpperCase();
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  const utc = instant.toISOString();
  // An offset may lead out of the years that have four digits.
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000')) return undefined;
  return `${utc.slice(0, 19)}${fraction && `.${fraction}`}Z`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}
