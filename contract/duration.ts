/** Units of durations with their nanoseconds, largest first. */
export const DURATION_UNITS = [
  ['days', 86_400_000_000_000],
  ['hours', 3_600_000_000_000],
  ['minutes', 60_000_000_000],
  ['seconds', 1_000_000_000],
  ['milliseconds', 1_000_000],
  ['microseconds', 1_000],
  ['nanoseconds', 1],
] as const;

/** Name of a unit: `days`. */
export type DurationUnit = (typeof DURATION_UNITS)[number][0];

/** Nanoseconds of a unit. */
export function nanosecondsOf(unit: DurationUnit): number {
  return DURATION_UNITS.find(([name]) => name === unit)?.[1] ?? 1;
}

/** Nanoseconds in words: `7 days`, `1 hour 30 minutes`, exact or rounded to the two largest units. 0 is `none`. */
export function durationWords(nanoseconds: number): string {
  if (nanoseconds <= 0) return 'none';
  let rest = nanoseconds;
  const words: string[] = [];
  for (const [unit, size] of DURATION_UNITS) {
    const amount = Math.floor(rest / size);
    if (amount === 0) continue;
    words.push(`${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`);
    rest -= amount * size;
    if (words.length === 2) break;
  }
  return words.join(' ');
}

/** Nanoseconds of words: `7 days`, `1h 30m`, `250 ms`; undefined where it is not understood. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === 'none' || trimmed === '0') return 0;
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-zµ]+)\s*/g)];
  if (parts.length === 0 || parts.map(part => part[0]).join('') !== trimmed) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of parts) {
    const size = SHORT_UNITS[unit] ?? SHORT_UNITS[unit.replace(/s$/, '')];
    if (size === undefined) return undefined;
    total += Number(amount) * size;
  }
  return Math.round(total);
}

const SHORT_UNITS: Record<string, number> = {
  ...Object.fromEntries(DURATION_UNITS.map(([name, size]) => [name.slice(0, -1), size])),
  w: 604_800_000_000_000,
  week: 604_800_000_000_000,
  d: 86_400_000_000_000,
  h: 3_600_000_000_000,
  hr: 3_600_000_000_000,
  m: 60_000_000_000,
  min: 60_000_000_000,
  s: 1_000_000_000,
  sec: 1_000_000_000,
  ms: 1_000_000,
  µs: 1_000,
  us: 1_000,
  ns: 1,
};
