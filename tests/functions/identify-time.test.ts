/** When events happened, by their own words: which field says it, how it is written, and what is not believed. */
import { expect, test } from '@jest/globals';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { forAll } from '../support/for-all.ts';
import type { Answer } from '../support/identify-memory.ts';
import { startKvflow } from '../support/kvflow.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';

type Values = Record<string, unknown>;

const defaults = { ...RECOGNITION_DEFAULTS, timestampNode: '/meta/when', userAgentNode: '/device/agent' };
const memory = memoryDestination();
const recognition = { destinations: memoryDestinations(memory) };
const usual = forAll(() => startKvflow({ recognition }));
const set = forAll(() => startKvflow({ recognition: { ...recognition, defaults } }));
let visitors = 0;

/** How an event says that it happened in a second of a day in the past. */
type Says = (second: number) => Values;

/** Whose the events between and after two logins are, of which the later one came first. */
async function whose(says: Says, { k = usual, more = {} }: { k?: typeof usual; more?: object } = {}) {
  const anonymous_id = `v${++visitors}`;
  const send = async (name: string, second: number, user: Values = {}) => {
    const event = { event_id: anonymous_id + name, user: { anonymous_id, ...user }, ...says(second) };
    const answer = await k.call('identify', { destination: 'memory', events: [event], ...more });
    expect((answer as unknown as Answer).failed).toEqual([]);
  };
  await send('b', 20, { id: 'later' });
  await send('a', 10, { id: 'earlier' });
  await send('c', 30);
  await send('d', 15);
  return ['c', 'd'].map(name => memory.row('events', anonymous_id + name)?.user_id);
}

const BY_TIME = ['later', 'earlier'];
/** Without a time of its own: who logged in last when it arrived. */
const BY_ARRIVAL = ['earlier', 'earlier'];
const day = Date.UTC(2026, 0, 2, 3, 4);
const ms = (second: number) => day + second * 1_000;
const iso = (second: number) => new Date(ms(second)).toISOString();
const local = (second: number) => iso(second).slice(0, 19);
const inHours = (second: number, hours: number) => new Date(ms(second) + hours * 3_600_000).toISOString();

const FIELDS: [string, Says][] = [
  ['timestamp', s => ({ timestamp: iso(s) })],
  ['_timestamp', s => ({ _timestamp: iso(s) })],
  ['utc_time', s => ({ utc_time: iso(s) })],
  ['eventn_ctx.utc_time', s => ({ eventn_ctx: { utc_time: iso(s) } })],
  ['event_time', s => ({ event_time: iso(s) })],
  ['originalTimestamp', s => ({ originalTimestamp: iso(s) })],
  ['original_timestamp', s => ({ original_timestamp: iso(s) })],
  ['occurred_at', s => ({ occurred_at: iso(s) })],
  ['derived_tstamp', s => ({ derived_tstamp: iso(s) })],
  ['created_at', s => ({ created_at: iso(s) })],
  ['time', s => ({ time: iso(s) })],
];

test.each(FIELDS)('event time - trackers say it in %s', async (_name, says) => {
  expect(await whose(says)).toEqual(BY_TIME);
});

const WRITTEN: [string, (second: number) => unknown][] = [
  ['seconds', s => ms(s) / 1_000],
  ['seconds with a fraction', s => 1_700_000_000 + s / 100],
  ['milliseconds', ms],
  ['microseconds', s => ms(s) * 1_000],
  ['microseconds within one millisecond', s => day * 1_000 + s],
  ['nanoseconds', s => ms(s) * 1_000_000],
  ['seconds as text', s => String(ms(s) / 1_000)],
  ['milliseconds as text', s => ` ${ms(s)} `],
  ['text without a zone', local],
  ['text of a database', s => local(s).replace('T', ' ')],
  ['a zone of hours alone', s => `${inHours(s, 2).slice(0, 19).replace('T', ' ')}+02`],
  ['a zone without a colon', s => `${inHours(s, -5).slice(0, 19)}-0500`],
  ['a zone that is named', s => `${local(s).replace('T', ' ')} UTC`],
  ['microseconds of text within one millisecond', s => `${iso(0).slice(0, 19)}.0000${s}Z`],
  ['days', s => `2026-01-${s}`],
  ['a leap second', s => (s > 20 ? `2017-01-01T00:00:${s}Z` : `2016-12-31T23:59:${40 + s}Z`)],
];

test.each(WRITTEN)('event time - it may be written as %s', async (_name, time) => {
  expect(await whose(s => ({ timestamp: time(s) }))).toEqual(BY_TIME);
});

test('event time - one zone is not another, and none is UTC', async () => {
  const zones = ['Z', '+01:00', '-01:00', ''];
  const says: Says = s => {
    const hour = [0, 1, -1, 0][s % 4] ?? 0;
    return { timestamp: inHours(s, hour).slice(0, 19) + zones[s % 4] };
  };
  expect(await whose(says)).toEqual(BY_TIME);
});

const NOT_BELIEVED: [string, (second: number) => unknown][] = [
  ['a clock more than a day ahead', s => Date.now() + 90_000_000 + s * 1_000],
  ['a clock of 1970', s => s],
  ['a clock of 1980 as text', s => `1980-01-01T00:00:${s}Z`],
  ['no day', s => `2026-02-31T25:00:${s}`],
  ['words', s => `${s} seconds ago`],
  ['a list', s => [iso(s)]],
  ['an object', s => ({ at: iso(s) })],
];

test.each(NOT_BELIEVED)(
  'event time - %s is none: the event happened when it arrived',
  async (_name, time) => {
    expect(await whose(s => ({ timestamp: time(s) }))).toEqual(BY_ARRIVAL);
    // The next field that holds a time counts.
    expect(await whose(s => ({ timestamp: time(s), created_at: iso(s) }))).toEqual(BY_TIME);
  },
);

test('event time - a clock that is less than a day ahead is believed', async () => {
  const soon = Date.now() + 80_000_000;
  expect(await whose(s => ({ timestamp: new Date(soon + s * 1_000).toISOString() }))).toEqual(BY_TIME);
});

test('event time - the field is a setting, of a call or of all, and then no other counts', async () => {
  const says: Says = s => ({ meta: { when: iso(s) }, timestamp: iso(60 - s) });
  expect(await whose(says, { k: set })).toEqual(BY_TIME);
  expect(await whose(says, { more: { timestamp_node: '/nothing||/meta/when' } })).toEqual(BY_TIME);
  expect(await whose(s => ({ timestamp: iso(s) }), { k: set })).toEqual(BY_ARRIVAL);
});

test('robots - where the user agent is is a setting, of a call or of all, and then no other counts', async () => {
  const bots = async (k: typeof usual, event: Values, more: object = {}) => {
    const events = [{ event_id: `bot${++visitors}`, user: { anonymous_id: 'bot' }, ...event }];
    const answer = await k.call('identify', { destination: 'memory', events, ...more });
    return (answer as unknown as Answer).skipped.bots;
  };
  const agent = 'Googlebot/2.1 (+http://www.google.com/bot.html)';
  expect(await bots(set, { device: { agent } })).toBe(1);
  expect(await bots(set, { user_agent: agent })).toBe(0);
  expect(await bots(usual, { device: { agent } })).toBe(0);
  expect(await bots(usual, { ua: agent }, { user_agent_node: '/device/agent||/ua' })).toBe(1);
});
