/** A row that another transaction holds costs its own visitor, and nobody else. */
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { forAll } from '../../support/for-all.ts';
import type { TestEvent } from '../../support/identify.ts';
import { event, postgresAt, startIdentifying } from '../../support/identify.ts';
import { soon } from '../../support/soon.ts';
import { startPostgres } from '../../support/warehouses/postgres.ts';

const server = forAll(() => startPostgres(), 60_000);

const VISITORS = 8;
const HELD = 3;
function each(make: (visitor: number) => TestEvent): TestEvent[] {
  return Array.from({ length: VISITORS }, (_, visitor) => make(visitor));
}

async function hold(url: string, id: string) {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM public.events WHERE event_id = $1 FOR UPDATE', [id]);
  return () => client.end();
}

test('postgres - a row that is held: its visitor is finished when it is free, all others at once', async () => {
  const url = await server.database('locks');
  await using k = await startIdentifying({ ...postgresAt(url), schema: 'public', lockMs: 200 });
  const [first, logins] = [
    each(v => event(`a${v}`, `v${v}`)),
    each(v => event(`b${v}`, `v${v}`, { id: `u${v}`, email: `${v}@x` })),
  ];
  // The columns are there: to add one waits for whoever holds any row.
  await k.identify([event('columns', 'w', { id: 'w', email: 'w@x' }), ...first]);
  const release = await hold(url, `a${HELD}`);
  const answer = await k.identify(logins);
  expect(answer).toMatchObject({ loaded: VISITORS, failed: [], pending: { events: 1, code: 'TIMEOUT' } });
  // An event that comes again while its row is held costs no other either.
  expect(await k.identify(first)).toMatchObject({ failed: [], pending: { events: 1 } });
  const ids = first.map(({ event_id }) => event_id);
  const wanted = Object.fromEntries(ids.map((id, v) => [id, `u${v}/${v}@x`]));
  expect(await k.identities(ids)).toEqual({ ...wanted, [`a${HELD}`]: '-/-' });
  expect(await k.recognition.reconcile(soon())).toMatchObject({ finished: 0, left: 2 });
  // Neither the destination waits, nor other events of it.
  expect(await k.identify([event('c', 'other')])).toMatchObject({ loaded: 1 });
  await release();
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 2, left: 0 });
  expect(await k.identities(ids)).toEqual(wanted);
  expect((await k.call('identify-dead-list', {})) as unknown).toEqual({ letters: [] });
});
