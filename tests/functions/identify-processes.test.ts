/** Many processes at once, and NATS with replicas: no event is missed, in whatever order things happen. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestEvent } from '../support/identify.ts';
import { event, joinIdentifying, postgresAt, startIdentifying, whoIs } from '../support/identify.ts';
import { runChild } from '../support/identify-children.ts';
import { startCluster } from '../support/topologies.ts';
import type { TestPostgres } from '../support/warehouses/postgres.ts';
import { onServer, startPostgres } from '../support/warehouses/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ log_statement: 'none' });
}, 60_000);
afterAll(async () => await postgres[Symbol.asyncDispose]());

const VISITORS = 2_000;
const PROCESSES = 16;
const CALL = 50;

/** What one visitor sends, in order: anonymous, named (whole, or in two halves, or never), anonymous again, a robot. */
function eventsOf(n: number): TestEvent[] {
  const visitor = `visitor-${n}`;
  const id = (what: string) => `${n}-${what}`;
  const whole = { id: `u${n}`, email: `${n}@b.com` };
  const named = [
    [event(id('named'), visitor, whole)],
    [event(id('id'), visitor, { id: whole.id }), event(id('email'), visitor, { email: whole.email })],
    [event(id('again'), visitor, whole), event(id('and-again'), visitor, whole)],
    [],
  ][n % 4];
  return [
    event(id('first'), visitor),
    event(id('second'), visitor),
    ...(named ?? []),
    event(id('late'), visitor),
    ...(n % 10 === 0 ? [{ ...event(id('robot'), visitor), user_agent: 'Googlebot' }] : []),
  ];
}

test('identify - 16 processes with the shuffled events of 2,000 visitors leave the rows of one process in order', async () => {
  const all = Array.from({ length: VISITORS }, (_, n) => eventsOf(n)).flat();
  const [alone, together] = [await postgres.database('alone'), await postgres.database('together')];
  {
    await using k = await startIdentifying(postgresAt(alone));
    for (let at = 0; at < all.length; at += 1_000) await k.identify(all.slice(at, at + 1_000));
  }
  await using k = await startIdentifying(postgresAt(together));
  const calls = slices(shuffled(all), CALL);
  const warehouse = { ...postgresAt(together), poolSize: 2 };
  const ends = await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) =>
      runChild({
        servers: [k.server.url],
        warehouse,
        calls: calls.filter((_, index) => index % PROCESSES === i),
        inFlight: 2,
      }),
    ),
  );
  expect(ends.filter(({ code }) => code !== 0)).toEqual([]);
  const rows = await rowsOf(together);
  expect(rows.size).toBe(all.length);
  expect(rows).toEqual(await rowsOf(alone));
  expect([...(await k.recognition.pending({ deadline: Date.now() + 5_000 }))]).toEqual([]);
}, 120_000);

test('identify - three NATS servers with three replicas: identify and late events at once over all of them, none is missed', async () => {
  await using cluster = await startCluster(3);
  const warehouse = { ...postgresAt(await postgres.database('replicas')), poolSize: 4 };
  await using first = joinIdentifying([cluster.urls[0] ?? ''], warehouse);
  await using second = joinIdentifying([cluster.urls[1] ?? ''], warehouse);
  await using third = joinIdentifying([cluster.urls[2] ?? ''], warehouse);
  for (const bucket of [
    'anonymous_events',
    'recognition_pending',
    'recognition_audit',
    'recognition_locks',
  ]) {
    await first.call('kv-bucket-create', { bucket, num_replicas: 3, key_ttl: true });
  }
  const ids: string[] = [];
  for (let round = 0; round < 30; round++) {
    const visitor = `v${round}`;
    const late = [second, third].flatMap((k, i) => {
      const id = `late-${round}-${i}`;
      ids.push(id);
      return [k.identify([event(id, visitor)])];
    });
    await Promise.all([
      first.identify([event(`named-${round}`, visitor, { id: 'u', email: 'e@b.com' })]),
      ...late,
    ]);
  }
  const wanted = Object.fromEntries(ids.map(id => [id, 'u/e@b.com']));
  expect(await third.identities(ids)).toEqual(wanted);
}, 120_000);

/** Who each row is from. */
async function rowsOf(url: string): Promise<Map<string, string | undefined>> {
  return await onServer(url, async client => {
    const { rows } = await client.query('SELECT * FROM events ORDER BY event_id');
    return new Map(rows.map(row => [row.event_id, whoIs(row)]));
  });
}

function slices<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** The same shuffle each time: a failure can be run again. */
function shuffled<T>(all: readonly T[]): T[] {
  const cards = [...all];
  let seed = 42;
  for (let i = cards.length - 1; i > 0; i--) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const j = seed % (i + 1);
    [cards[i], cards[j]] = [cards[j] as T, cards[i] as T];
  }
  return cards;
}
