import type { EventNode, Json } from './nodes.ts';
import { firstValue } from './nodes.ts';

/** A device whose clock is wrong by more than this is not believed. */
const AHEAD_MS = 86_400_000;
/** 1990: before it there was nothing to track. */
const EARLIEST_MS = 631_152_000_000;
const NUMBER = /^\d+(\.\d+)?$/;
const DAY = String.raw`(\d{4}-\d\d-\d\d)`;
const TIME = String.raw`(\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?`;
const ZONE = String.raw`(?:z|utc|gmt|([+-])(\d\d)(?::?(\d\d))?)`;
const WRITTEN = new RegExp(`^${DAY}(?:[t ]${TIME}\\s?${ZONE}?)?$`, 'i');

/**
 * When an event happened, in milliseconds since 1970, by its own words; undefined where it does not say, or says what
 * cannot be. Text is RFC 3339, or as databases write it (`2026-01-02 03:04:05.678901+00`), to the microsecond, in UTC
 * where it names no zone; numbers are seconds, milli-, micro- or nanoseconds since 1970. `arrivedAt` (milliseconds): what
 * is a day later than it is a clock gone wrong.
 */
export function eventTime(event: Json, node: EventNode, arrivedAt: number): number | undefined {
  return firstValue(event, node, value => {
    const time = toTime(value);
    return time !== undefined && time >= EARLIEST_MS && time <= arrivedAt + AHEAD_MS ? time : undefined;
  });
}

function toTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) return fromEpoch(Number(text));
  return fromText(text);
}

function fromText(text: string): number | undefined {
  const match = WRITTEN.exec(text);
  if (!match) return undefined;
  const [, day, time = '00:00', second = '00', fraction = '', sign, hours, minutes = '00'] = match;
  const isLeap = second === '60';
  const zone = sign ? `${sign}${hours}:${minutes}` : 'Z';
  const at = Date.parse(`${day}T${time}:${isLeap ? '59' : second}${zone}`);
  if (Number.isNaN(at)) return undefined;
  // The second after a leap second is the same to clocks that count from 1970.
  return isLeap ? at + 1_000 : at + Number(fraction.slice(0, 6).padEnd(6, '0')) / 1_000;
}

/** The unit by the size: a time of our days is told from every other so. */
function fromEpoch(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (value < 1e11) return value * 1_000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1_000 : value / 1_000_000;
}
