/** Many processes at once, and NATS with replicas: no event is missed, in whatever order things happen. */
import { expect, test } from '@jest/globals';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import { forAll } from '../support/for-all.ts';
import type { TestEvent } from '../support/identify.ts';
import { event, joinIdentifying, postgresAt, startIdentifying } from '../support/identify.ts';
import { runChild } from '../support/identify-children.ts';
import { soon } from '../support/soon.ts';
import { startCluster } from '../support/topologies.ts';
import { startClickhouse } from '../support/warehouses/clickhouse.ts';
import { startMariadb } from '../support/warehouses/mariadb.ts';
import { missingServers } from '../support/warehouses/missing.ts';
import { startMysql } from '../support/warehouses/mysql.ts';
import { startPostgres } from '../support/warehouses/postgres.ts';

const postgres = forAll(() => startPostgres({ log_statement: 'none' }), 60_000);

const CALL = 25;
/** Most of the time of a process is its start. `npm run test:long` has four times as much of everything. */
const LONG = Boolean(process.env.KVFLOW_TEST_LONG);
const MANY = LONG ? { processes: 16, visitors: 2_000 } : { processes: 6, visitors: 500 };
const SOME = LONG ? { processes: 8, visitors: 400 } : { processes: 2, visitors: 100 };

interface Amount {
  visitors: number;
  processes: number;
}

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

test(`identify - ${said(MANY)} leave the rows of one process in order`, async () => {
  const [alone, together] = [await postgres.database('alone'), await postgres.database('together')];
  await compare(postgresAt(alone), { ...postgresAt(together), poolSize: 2 }, MANY);
}, 120_000);

const missing = await missingServers();

for (const [name, start] of [
  ['mariadb', startMariadb],
  ['mysql', startMysql],
] as const) {
  const why = missing[name] ? ` (skipped: ${missing[name]})` : '';
  (why ? test.skip : test)(
    `identify - ${said(SOME)}, on ${name}${why}`,
    async () => {
      await using server = await start();
      const at = (table: string) => ({ ...tableOf('mysql', server.url, table), poolSize: 2 });
      await compare(at('alone'), at('together'), SOME);
    },
    120_000,
  );
}

test(`identify - ${said(SOME)}, on ClickHouse's engine`, async () => {
  await using server = await startClickhouse();
  const at = (table: string) => tableOf('clickhouse', server.url, table);
  await compare(at('alone'), at('together'), SOME);
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

function said({ visitors, processes }: Amount): string {
  return `${processes} processes with the shuffled events of ${visitors} visitors`;
}

/** One process in order, then many with the events shuffled: the rows must be the same. */
async function compare(
  alone: DestinationSettings,
  together: DestinationSettings,
  { visitors, processes }: Amount,
): Promise<void> {
  const all = Array.from({ length: visitors }, (_, n) => eventsOf(n)).flat();
  const ids = all.map(({ event_id }) => event_id);
  await using first = await startIdentifying(alone);
  for (const events of slices(all, 1_000)) await first.identify(events);
  const wanted = await first.identities(ids, alone.table);
  expect(Object.values(wanted).filter(who => who === undefined)).toEqual([]);
  await using k = await startIdentifying(together);
  const calls = slices(shuffled(all), CALL);
  const ends = await Promise.all(
    Array.from({ length: processes }, (_, i) =>
      runChild({
        servers: [k.server.url],
        warehouse: together,
        calls: calls.filter((_, index) => index % processes === i),
        inFlight: 2,
      }),
    ),
  );
  expect(ends.filter(({ code }) => code !== 0)).toEqual([]);
  expect(await k.identities(ids, together.table)).toEqual(wanted);
  expect([...(await k.recognition.pending(soon()))]).toEqual([]);
}

function tableOf(type: DestinationSettings['type'], url: string, table: string): DestinationSettings {
  return { type, url, table, primaryKeyFields: ['event_id'] };
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
