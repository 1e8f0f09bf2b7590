/** Who a visitor is, as a build wrote it that knew the last login alone: it goes on with that, dated by when it was stored. */
import { expect, test } from '@jest/globals';
import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import { withMemory } from '../support/identify-memory.ts';
import { soon } from '../support/soon.ts';

const HOUR_MS = 3_600_000;
const ago = (hours: number) => ({ timestamp: new Date(Date.now() - hours * HOUR_MS).toISOString() });
const page = (event_id: string, user: object = {}, more: object = {}) => ({
  event_id,
  user: { anonymous_id: 'v', ...user },
  ...more,
});

/** A visitor `v` as the build before left it. Ids of events go up with their time: they decide within one millisecond. */
async function start(identity: object[]) {
  const k = await withMemory();
  await k.identify([{ event_id: 'first', user: { anonymous_id: 'other' } }]);
  const value = JSON.stringify({ identity, by: 'events/login', at: Date.now() });
  const write = { bucket: EVENTS_BUCKET, key: 'default.memory.v', value, expectedRevision: 0 };
  await k.nats.kv.put(soon(), write);
  const users = (...ids: string[]) => ids.map(id => k.memory.row('events', id)?.user_id ?? null);
  return { ...k, users };
}

const KNOWN = [{ node: '/user/id', value: 'u1' }];

test('mapping of the build before - its user is the one of what comes and of what came before', async () => {
  await using k = await start(KNOWN);
  await k.identify([page('now'), page('past', {}, ago(2))]);
  expect(k.users('now', 'past')).toEqual(['u1', 'u1']);
});

test('mapping of the build before - it was said when it was stored: an earlier login has what is earlier, a later one what is later', async () => {
  await using k = await start(KNOWN);
  await k.identify([page('a', { id: 'u0' }, ago(2))]);
  await k.identify([page('between', {}, ago(1)), page('now')]);
  await k.identify([page('next', { id: 'u2' })]);
  await k.identify([page('then'), page('still', {}, ago(1))]);
  expect(k.users('between', 'now', 'then', 'still')).toEqual(['u0', 'u1', 'u2', 'u0']);
});

test('mapping of the build before - the login that it was made of says nothing new when it is sent again', async () => {
  await using k = await start(KNOWN);
  await k.identify([page('next', { id: 'u2' })]);
  await k.identify([page('login', { id: 'u1' })]);
  await k.identify([page('then')]);
  expect(k.users('login', 'then')).toEqual(['u1', 'u2']);
});

test('mapping of the build before - one that was undone names nobody, until a login does', async () => {
  await using k = await start([]);
  await k.identify([page('before')]);
  expect(k.users('before')).toEqual([null]);
  await k.identify([page('next', { id: 'u2' })]);
  expect(k.users('before')).toEqual(['u2']);
});
