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
  // Most are in UTC as they are: making a date of them takes ten times as long as all of the above.
  if (match[8] === 'Z' && text[10] === 'T')
    return fraction === digits ? text : `${text.slice(0, 19)}${fraction && `.${fraction}`}Z`;
  const offset = (match[8] ?? 'Z').toUpperCase();
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  const utc = instant.toISOString();
  // An offset may lead out of the years that have four digits.
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000')) return undefined;
  return `${utc.slice(0, 19)}${fraction && `.${fraction}`}Z`;
}

const COMMON =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/;
const LEAP_SECOND = 60;

/**
 * The instant that a time means as it is commonly written, as {@link canonicalTimestamp} writes it: RFC 3339 with up to
 * nine digits of a second (microseconds are kept, the rest is cut), a day (its midnight, UTC), a time without zone (UTC),
 * a leap second (the second after it), and the time since 1970 as a number: in seconds, milliseconds, microseconds or
 * nanoseconds, whichever is within some thousand years. Undefined: it is no time.
 */
export function timeOf(value: string | number | bigint | boolean): string | undefined {
  if (typeof value === 'boolean') return undefined;
  if (typeof value !== 'string') return sinceEpoch(value);
  const canonical = canonicalTimestamp(value);
  if (canonical !== undefined) return canonical;
  if (/^-?\d{9,19}$/.test(value)) return sinceEpoch(BigInt(value));
  const match = COMMON.exec(value);
  if (!match) return undefined;
  const [, day = '', hour = '00', minute = '00', second = '00', digits = '', zone = 'Z'] = match;
  const isLeap = Number(second) === LEAP_SECOND;
  const fraction = isLeap ? '' : digits.slice(0, MICROSECONDS);
  const time = `${day}T${hour}:${minute}:${isLeap ? '59' : second}${fraction && `.${fraction}`}${zoneOf(zone)}`;
  const whole = canonicalTimestamp(time);
  return isLeap && whole !== undefined ? secondAfter(whole) : whole;
}

function zoneOf(zone: string): string {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return sign === undefined ? 'Z' : `${sign}${hours}:${minutes}`;
}

function secondAfter(time: string): string | undefined {
  return canonicalTimestamp(new Date(Date.parse(time) + 1_000).toISOString());
}

const LONGEST = { seconds: 1e11, milliseconds: 1e14, microseconds: 1e17 };

function sinceEpoch(value: number | bigint): string | undefined {
  const size = Math.abs(Number(value));
  if (!Number.isFinite(size)) return undefined;
  const micros = microsecondsOf(value, size);
  const millis = Number(micros / 1_000n) - (micros % 1_000n < 0n ? 1 : 0);
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n;
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return undefined;
  return canonicalTimestamp(date.toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`));
}

function microsecondsOf(value: number | bigint, size: number): bigint {
  if (size < LONGEST.seconds) return scaled(value, 1_000_000);
  if (size < LONGEST.milliseconds) return scaled(value, 1_000);
  const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
  return size < LONGEST.microseconds ? whole : whole / 1_000n;
}

function scaled(value: number | bigint, by: number): bigint {
  return typeof value === 'bigint' ? value * BigInt(by) : BigInt(Math.round(value * by));
}

function isDay(year: number, month: number, day: number): boolean {
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}
