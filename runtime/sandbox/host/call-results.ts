import type { EventResult } from '../types.ts';
import type { Attempt } from './attempt.ts';
import type { BlockRecord } from './block-record.ts';
import type { EventRecord } from './records.ts';

const NO_EVENTS: Record<string, unknown>[] = [];

/** What became of an event that came as a value; where it went on as it came, it is the one that was `given`, of that text. */
export function outcome(
  { index, json }: Pick<Attempt, 'index' | 'json'>,
  { events: made, texts, fault }: EventRecord,
  given: object | undefined,
): EventResult {
  if (fault) return { index, outcome: 'error', events: [], error: fault };
  const events = made.map((event, at) =>
    given && texts[at] === json ? (given as Record<string, unknown>) : event,
  );
  return { index, outcome: events.length > 0 ? 'ok' : 'skipped', events };
}

/** What became of one that came as JSON. */
export function textOutcome(index: number, { texts, fault }: EventRecord): EventResult {
  if (fault) return { index, outcome: 'error', events: [], texts: [], error: fault };
  return { index, outcome: texts.length > 0 ? 'ok' : 'skipped', events: [], texts };
}

/** All lines of a block come with its first event. */
export function blockOutcome(
  index: number,
  { index: from }: Attempt,
  { text, counts }: BlockRecord,
): EventResult {
  const count = counts?.[index - from] ?? 1;
  const result: EventResult = { index, outcome: count > 0 ? 'ok' : 'skipped', events: NO_EVENTS, count };
  if (index === from) result.joined = text;
  return result;
}

/** What became of a batch is told with its first event: the others are in it. Where it failed, all of them did. */
export function spread([first]: EventResult[], count: number): EventResult[] {
  if (!first) return [];
  const rest = Array.from({ length: count - 1 }, (_, at) => ({
    ...first,
    index: at + 1,
    events: [],
    ...(first.texts && { texts: [] }),
  }));
  return [first, ...rest];
}
