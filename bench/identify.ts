import pg from 'pg';
import type { TestEvent } from '../tests/support/identify.ts';
import { postgresAt, startIdentifying } from '../tests/support/identify.ts';
import { startPostgres } from '../tests/support/warehouses/postgres.ts';
import type { Figure } from './measure.ts';
import { compare, median, pipelined, time } from './measure.ts';
import { columnsOf, insertByHand, pageView, userOf } from './page-views.ts';
import { stage } from './stage.ts';
import { DURABLE } from './warehouse-stage.ts';

const EVENTS = 10_000;
const VISITORS = 100;
const BATCH = 1_000;
const ROUNDS = 6;
/**
 * Rounds for the table, the plans and the compiler. --trace-opt shows it at work on dozens of functions until the tenth: after three
 * rounds it takes a quarter of the process's time, after twelve an eighth. A server that runs is past that.
 */
const WARM_UP = 10;
const IN_FLIGHT = 256;
const MANY = 200_000;

/** A PostgreSQL database with kvflow beside a plain client. */
async function place() {
  const stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres(DURABLE));
  const url = await postgres.database('bench');
  const k = stack.use(await startIdentifying(postgresAt(url), { validateOutput: false }));
  const client = new pg.Client(url);
  await client.connect();
  stack.defer(() => client.end());
  return { k, client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/**
 * 10,000 anonymous events of 100 visitors, named by one call of 100 events, against a hand-written UPDATE ... FROM unnest
 * in batches of 1,000 of as many rows of the same table.
 */
export async function identifyAmend(): Promise<Figure> {
  await using p = await place();
  const pairs: { ours: number; baseline: number }[] = [];
  // The table gets its columns.
  await p.k.identify([pageView('first', 'first', userOf(0))]);
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const theirs = await anonymous(p, `theirs${round}`, false);
    await anonymous(p, `ours${round}`, true);
    const byHand = () => updateByHand(p.client, theirs);
    const named = Array.from({ length: VISITORS }, (_, v) =>
      pageView(`ours${round}-named-${v}`, `ours${round}-${v}`, userOf(v)),
    );
    const identify = async () => {
      // As the baseline, which is not answered any rows either.
      const { amended } = await p.k.identify(named, { include_events: false });
      if (amended !== EVENTS) throw new Error(`${amended} rows were amended, not ${EVENTS}`);
    };
    const took = { ours: 0, baseline: 0 };
    // Whoever is first finds another table than whoever is second: they take turns.
    for (const who of round % 2 === 0 ? (['baseline', 'ours'] as const) : (['ours', 'baseline'] as const)) {
      await calm(p);
      took[who] = await time(who === 'ours' ? identify : byHand);
    }
    if (round >= WARM_UP)
      pairs.push({ baseline: rate(EVENTS, took.baseline), ours: rate(EVENTS, took.ours) });
  }
  return figure('rows/s', pairs);
}

/** 1,000 named events a call, against a hand-written multi-row INSERT ... ON CONFLICT of the same rows. */
export async function identifyLoad(): Promise<Figure> {
  await using p = await place();
  const pairs: { ours: number; baseline: number }[] = [];
  let columns: string[] | undefined;
  for (let round = 0; round <= ROUNDS; round++) {
    const eventsOf = (who: string) =>
      Array.from({ length: EVENTS }, (_, i) =>
        pageView(`${who}${round}-${i}`, `v${i % VISITORS}`, userOf(i % VISITORS)),
      );
    const ours = eventsOf('ours');
    const took = await time(async () => {
      for (let at = 0; at < EVENTS; at += BATCH) {
        const { loaded } = await p.k.identify(ours.slice(at, at + BATCH));
        if (loaded !== BATCH) throw new Error(`${loaded} of ${BATCH} events were loaded`);
      }
    });
    columns ??= await columnsOf(p.client);
    const theirs = eventsOf('theirs');
    const known = columns;
    const baseline = rate(
      EVENTS,
      await time(() => insertByHand(p.client, { columns: known, size: BATCH }, theirs)),
    );
    if (round > 0) pairs.push({ baseline, ours: rate(EVENTS, took) });
  }
  return figure('events/s', pairs);
}

/** Anonymous events without a destination, against puts of the same bytes under the same keys, pipelined. */
export async function identifyAnonymous(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  const eventOf = (i: number) => pageView(`e${i}`, `v${i % VISITORS}`);
  await s.call('kv-bucket-create', { bucket: 'events', storage: 'memory', key_ttl: true });
  const head = '{"table":"","primary_key_fields":["event_id"],"event":';
  const identify = (batch: number) => {
    const events = Array.from({ length: BATCH }, (_, i) => eventOf(batch * BATCH + i));
    return s.call('identify', { events, bucket: 'events', primary_key_fields: ['event_id'] });
  };
  const figure = await compare(
    'events/s',
    EVENTS,
    () => pipelined(EVENTS / BATCH, 1, identify),
    () =>
      pipelined(EVENTS, IN_FLIGHT, i => {
        const event = eventOf(i);
        const value = `${head}${JSON.stringify(event)}}`;
        return kv.put(`default.=.v${i % VISITORS}./${event.event_id}`, value);
      }),
  );
  const memory = await growth(identify);
  return { ...figure, note: `memory over ${MANY} events: ${memory.toFixed(0)} MiB more` };
}

/** MiB that the process grows by over many events, once it is warm. */
async function growth(identify: (batch: number) => Promise<unknown>): Promise<number> {
  await pipelined(50, 1, identify);
  const before = process.memoryUsage().rss;
  await pipelined(MANY / BATCH, 1, batch => identify(batch));
  return (process.memoryUsage().rss - before) / 2 ** 20;
}

/** Nothing of what came before is left to be done, in kvflow or in the database. */
async function calm({ k, client }: Awaited<ReturnType<typeof place>>): Promise<void> {
  await k.recognition.idle();
  await client.query('VACUUM ANALYZE events');
  await client.query('CHECKPOINT');
}

/** Loads anonymous events, remembered or not. */
async function anonymous({ k }: Awaited<ReturnType<typeof place>>, who: string, remembered: boolean) {
  const events = Array.from({ length: EVENTS }, (_, i) => pageView(`${who}-${i}`, `${who}-${i % VISITORS}`));
  for (let at = 0; at < EVENTS; at += BATCH) {
    const batch = events.slice(at, at + BATCH);
    await k.identify(batch, remembered ? {} : { anonymous_id_node: '/nowhere' });
  }
  return events;
}

async function updateByHand(client: pg.Client, events: readonly TestEvent[]): Promise<void> {
  const statement = `UPDATE events SET user_id = new.id, user_email = new.email
    FROM unnest($1::text[], $2::text[], $3::text[]) AS new(event_id, id, email)
    WHERE events.event_id = new.event_id AND events.user_id IS NULL AND events.user_email IS NULL`;
  for (let at = 0; at < events.length; at += BATCH) {
    const batch = events.slice(at, at + BATCH);
    const ids = batch.map(({ event_id }) => event_id);
    const users = batch.map((_, i) => userOf(i % VISITORS));
    const { rowCount } = await client.query({
      name: 'update',
      text: statement,
      values: [ids, users.map(({ id }) => id), users.map(({ email }) => email)],
    });
    if (rowCount !== batch.length) throw new Error(`${rowCount} rows were updated`);
  }
}

function rate(count: number, ms: number): number {
  return (count / ms) * 1000;
}

function figure(unit: string, pairs: { ours: number; baseline: number }[]): Figure {
  return {
    value: median(pairs.map(({ ours }) => ours)),
    unit,
    baseline: median(pairs.map(({ baseline }) => baseline)),
    ratio: median(pairs.map(({ ours, baseline }) => ours / baseline)),
  };
}
