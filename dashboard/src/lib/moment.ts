import { parseDuration } from '../../../contract/duration.ts';
import { formatCount } from './format.ts';

/** A moment of a bucket: right after a revision, or at a time in milliseconds. */
export type Moment = { revision: number } | { time: number };

/**
 * What a text says of a moment: `41` is revision 41, `2 hours` that long before `now`, and anything else a date and time as
 * the browser reads it, such as `2026-01-31 12:00`. Undefined where it says none, or one that is yet to come.
 */
export function readMoment(text: string, now: number = Date.now()): Moment | undefined {
  const trimmed = text.trim();
  if (/^#?\d+$/.test(trimmed)) {
    const revision = Number(trimmed.replace('#', ''));
    return Number.isSafeInteger(revision) ? { revision } : undefined;
  }
  const ago = parseDuration(trimmed.replace(/\s*ago$/, ''));
  const time = ago === undefined ? Date.parse(trimmed) : now - ago / 1e6;
  return Number.isFinite(time) && time <= now ? { time: Math.floor(time) } : undefined;
}

/** A moment in words: "after revision 41", "Sat, 31 Jan 2026, 12:00:00". */
export function momentWords(moment: Moment): string {
  if ('revision' in moment) {
    return moment.revision === 0 ? 'before everything' : `after revision ${formatCount(moment.revision)}`;
  }
  return new Date(moment.time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A time as functions take it. */
export function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
