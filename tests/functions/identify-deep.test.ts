/** Over the wire JSON that nests too deeply is refused before it is looked at; a call inside the process may still bring it. */
import { expect, test } from '@jest/globals';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { startWithServer } from '../support/kvflow.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';

function nested(depth: number, inList = false): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = inList ? [value] : { a: value };
  return value;
}

async function start() {
  const memory = memoryDestination();
  const recognition = { destinations: memoryDestinations(memory), defaults: RECOGNITION_DEFAULTS };
  const k = await startWithServer({ recognition });
  const identify = (...events: object[]) => k.call('identify', { destination: 'memory', events });
  return { ...k, memory, identify };
}

const page = (event_id: string, more: object = {}) => ({ event_id, user: { anonymous_id: 'v' }, ...more });

test.each([
  ['than is taken', nested(500)],
  ['than JSON can be written of', nested(20_000)],
  ['as lists', nested(20_000, true)],
])(
  'identify - an event that nests deeper %s is refused alone, and is no dead letter that nobody could read',
  async (_what, odd) => {
    await using k = await start();
    const answer = await k.identify(page('1'), page('2', { odd }), page('3', { odd: nested(400) }));
    const [failed] = answer.failed as unknown as { index: number; code: string; message: string }[];
    expect(answer).toMatchObject({ loaded: 2, failed: [{ index: 1, code: 'INVALID_INPUT' }] });
    expect(failed?.message).toContain('more than 500 deep; send the inner part as text');
    expect([...k.memory.rows('events').values()].map(row => row.event_id)).toEqual(['1', '3']);
    expect(await k.call('identify-dead-list', {})).toMatchObject({ letters: [] });
    // What named the user comes behind it all the same.
    await k.identify(page('4', { odd }), page('5', { user: { anonymous_id: 'v', email: 'a@x' } }));
    expect(k.memory.row('events', '1')).toMatchObject({ user_email: 'a@x' });
  },
);

test('identify - events that nest too deeply are told where no destination keeps them, and by a preview', async () => {
  await using k = await start();
  const event = page('1', { odd: nested(20_000) });
  expect(await k.call('identify', { event })).toMatchObject({ failed: [{ code: 'INVALID_INPUT' }] });
  expect(await k.call('identify-preview', { destination: 'memory', event })).toMatchObject({ failed: 1 });
});
