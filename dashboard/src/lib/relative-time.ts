const STEPS = [
  [60, 's'],
  [60, 'min'],
  [24, 'h'],
  [365, 'd'],
] as const;

/** How far a time is from now: `just now`, `3 min ago`, `in 2 h`, `12 d ago`. Times in milliseconds. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round(Math.abs(now - at) / 1_000);
  if (seconds < 2) return 'just now';
  const words = spanWords(seconds);
  return at < now ? `${words} ago` : `in ${words}`;
}

/** Kept while the zone is the same: to make it takes longer than all else that a row of a table does. */
let full: { offset: number; times: Intl.DateTimeFormat } | undefined;

/** The day with its weekday, and the time to the second. */
export function inFull(at: number): string {
  if (Number.isNaN(at)) return 'no time';
  // Who travels does not load the page anew.
  const offset = new Date().getTimezoneOffset();
  if (full?.offset !== offset)
    full = { offset, times: new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' }) };
  return full.times.format(at);
}

/** Seconds in one unit: `45 s`, `3 min`. */
function spanWords(seconds: number): string {
  let amount = seconds;
  for (const [size, unit] of STEPS) {
    if (amount < size) return `${Math.floor(amount)} ${unit}`;
    amount /= size;
  }
  const years = Math.floor(amount);
  return `${years} y`;
}

/** How long until a time, to the second, for a countdown: `1 d 03:12:09`, `03:12:09`, `12:09`. 0:00 once it is past. */
export function countdown(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, ...rest] = clock;
  const shown = days > 0 || hours > 0 ? clock : rest;
  const text = shown.map((part, index) =>
    index === 0 && days === 0 ? String(part) : String(part).padStart(2, '0'),
  );
  return `${days > 0 ? `${days} d ` : ''}${text.join(':')}`;
}
