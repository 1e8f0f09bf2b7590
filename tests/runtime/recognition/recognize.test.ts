import { expect, test } from '@jest/globals';
import type { KnownMapping } from '../../../runtime/recognition/mapping.ts';
import { createProgress } from '../../../runtime/recognition/recognize.ts';
import type { KnownEvent } from '../../../runtime/recognition/who/owner.ts';

const mapping: KnownMapping = { identity: [], by: 't', at: 1, revision: 7, storedAt: 1 };

/** Events of visitors, in this order. */
function eventsOf(...visitors: string[]): KnownEvent[] {
  return visitors.map((visitor, index) => ({
    key: `${visitor}.${index}`,
    visitor,
    token: String(index),
    revision: index,
    writtenAt: 0,
    remembered: { table: 'events', primary_key_fields: ['id'], event: {} },
    mapping,
    owner: { identity: [], by: 't', revision: 7 },
  }));
}

test('a visitor is done with when no batch under way has an event of it, and is told once', () => {
  const progress = createProgress(new Map(['a', 'b', 'c', 'd'].map(visitor => [visitor, mapping])));
  const names = () => progress.finished().map(({ visitor }) => visitor);
  const [first, second] = [eventsOf('a', 'a', 'b'), eventsOf('b', 'c', 'd')];
  const ends = [first, second].map(events => progress.begin(events));
  expect(names()).toEqual([]);
  ends[0]?.({ events: first, done: first, kept: [] });
  expect(names()).toEqual(['a']);
  // One of c is not done with, and one of d is needed yet.
  ends[1]?.({ events: second, done: second.filter(({ visitor }) => visitor !== 'c'), kept: ['d'] });
  expect(names()).toEqual(['b']);
  expect(names()).toEqual([]);
});

test('a visitor whose mapping changed since the events were listed is not done with', () => {
  const progress = createProgress(new Map([['a', { ...mapping, revision: 6 }]]));
  const events = eventsOf('a', 'b');
  progress.begin(events)({ events, done: events, kept: [] });
  expect(progress.finished()).toEqual([]);
});
