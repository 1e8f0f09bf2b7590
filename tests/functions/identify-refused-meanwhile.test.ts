/** An event that is stored by one call while another has a version of it that the warehouse refuses: its row gets its user. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { parseExact } from '../../contract/exact-json.ts';
import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { Destination } from '../../runtime/core/destinations.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { TestEvent } from '../support/identify.ts';
import { event, whoIs } from '../support/identify.ts';
import { startKvflow } from '../support/kvflow.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';

async function start() {
  const memory = memoryDestination();
  memory.refuse = ({ n }) =>
    n === 'refused' ? new PackError('WAREHOUSE_ERROR', 'column n takes numbers') : undefined;
  let meanwhile: (() => Promise<unknown>) | undefined;
  const destination: Destination = {
    ...memory,
    load: async (...args) => {
      const work = meanwhile;
      meanwhile = undefined;
      await work?.();
      return await memory.load(...args);
    },
  };
  const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
  const destinations = memoryDestinations(destination);
  const k = await startKvflow({ recognition: { destinations, defaults } });
  const identify = async (one: object) =>
    await k.call('identify', { destination: 'memory', events: [one], primary_key_fields: ['event_id'] });
  return {
    ...k,
    memory,
    identify,
    /** Before the row of the event is there, all of this is done. */
    whileStoring: async (one: object, work: () => Promise<unknown>) => {
      meanwhile = work;
      await identify(one);
      await k.recognition.idle();
    },
    who: (id: string) => whoIs(memory.row('events', id)),
  };
}

const login = event('login', 'v', { id: 'u', email: 'u@x' });
const untimed = event('m', 'v');
const timed = { ...untimed, timestamp: '2026-01-01T00:00:00Z' };
const partial = event('m', 'v', { email: 'u@x' });
const refusedOf = (one: TestEvent) => ({ ...one, n: 'refused' });

for (const [what, one] of Object.entries({ untimed, timed, partial })) {
  test(`refused meanwhile - ${what}: whoever logs in afterwards gets the row`, async () => {
    await using k = await start();
    await k.whileStoring(one, async () => {
      expect(await k.identify(refusedOf(one))).toMatchObject({ loaded: 0, failed: [{ index: 0 }] });
    });
    await k.identify(login);
    expect(k.who('m')).toBe('u/u@x');
  });

  test(`refused meanwhile - ${what}: whoever logs in before the row is there gets it too`, async () => {
    await using k = await start();
    await k.whileStoring(one, async () => {
      await k.identify(refusedOf(one));
      expect(await k.identify(login)).toMatchObject({ failed: [] });
    });
    expect(k.who('m')).toBe('u/u@x');
    // It is written down, as an undo finds it.
    expect(await k.call('identify-undo', { anonymous_id: 'v' })).toMatchObject({ restored: 1 });
  });
}

test('refused meanwhile - one that no row can ever be of is told once, and by no login after that', async () => {
  await using k = await start();
  k.memory.sql('CREATE TABLE events (event_id INTEGER PRIMARY KEY, event_type TEXT)');
  expect(await k.identify(event('text', 'v'))).toMatchObject({ loaded: 0, failed: [{ index: 0 }] });
  expect(await k.identify({ ...login, event_id: 7 })).toMatchObject({ loaded: 1, amended: 0, failed: [] });
  const { letters } = await k.call('identify-dead-list', {});
  expect(letters).toMatchObject([{ event: { event_id: 'text', event_type: 'page' } }]);
});

test('refused meanwhile - a row that may not be amended by its key leaves the letter with the whole event as it is', async () => {
  await using k = await start();
  await k.identify(untimed);
  const whole = refusedOf(untimed);
  await k.identify(whole);
  k.memory.sql(`ALTER TABLE events ADD COLUMN user_id TEXT;
    CREATE TRIGGER nobody BEFORE UPDATE ON events WHEN NEW.user_id IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'nobody is to be named'); END`);
  expect(await k.identify(login)).toMatchObject({
    failed: [{ message: expect.stringContaining('nobody is to be named') }],
  });
  const { letters } = await k.call('identify-dead-list', {});
  expect(letters).toMatchObject([{ event: whole, message: 'column n takes numbers' }]);
});

test('refused meanwhile - what is kept of an event has all digits of its key and of its ids', async () => {
  await using k = await start();
  const user = '{"anonymous_id": "v", "id": 9007199254740995}';
  await k.identify(parseExact(`{"event_id": 9007199254740993, "user": ${user}, "n": "refused"}`) as object);
  await k.recognition.idle();
  const key = 'default.memory.v.events/=n9007199254740993';
  const { value } = await k.call('kv-key-get', { bucket: EVENTS_BUCKET, key });
  expect(value).toContain(
    '"event":{"user":{"anonymous_id":"v","id":"9007199254740995"},"event_id":9007199254740993}',
  );
});
