/** A process that runs identify is killed at each step; after the reconciler ran, all is as if nothing had happened. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeAudit } from '../../runtime/recognition/audit.ts';
import type { Step } from '../../runtime/recognition/job.ts';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import type { Identifying, TestEvent } from '../support/identify.ts';
import { event, postgresAt, startIdentifying } from '../support/identify.ts';
import { runChild } from '../support/identify-children.ts';
import { soon } from '../support/soon.ts';
import { startMariadb } from '../support/warehouses/mariadb.ts';
import { missingServers } from '../support/warehouses/missing.ts';
import { startMysql } from '../support/warehouses/mysql.ts';
import type { TestMysqld } from '../support/warehouses/mysqld.ts';
import { startPostgres } from '../support/warehouses/postgres.ts';

const STEPS: Step[] = ['write-ahead', 'remember', 'mapping', 'load', 'list', 'amend', 'audit', 'evict'];
const STATEMENTS: Step[] = ['load', 'list', 'amend'];
const LONG = Boolean(process.env.KVFLOW_TEST_LONG);
const VISITORS = ['v1', 'v2', 'v3', 'v4'];

/** Before: anonymous events of four visitors, and one visitor who is known. */
const BEFORE: TestEvent[] = [
  ...VISITORS.flatMap(visitor => [1, 2, 3].map(i => event(`${visitor}-${i}`, visitor))),
  event('known-1', 'known', { id: 'u0', email: 'known@b.com' }),
  event('half-1', 'half', { id: 'u9' }),
];
/** The call that is killed: it names visitors whole and in part, has late events, new ones and a robot. */
const KILLED: TestEvent[] = [
  event('known-2', 'known'),
  event('half-2', 'half'),
  event('v1-4', 'v1'),
  ...VISITORS.slice(0, 3).map(visitor =>
    event(`${visitor}-named`, visitor, { id: visitor, email: 'a@b.com' }),
  ),
  event('v4-named', 'v4', { email: 'v4@b.com' }),
  event('new-1', 'new'),
  { ...event('robot', 'v4'), user_agent: 'bot' },
];
/** After: what was remembered and what was not shows here. */
const AFTER: TestEvent[] = [event('new-2', 'new', { id: 'n' }), event('v4-5', 'v4', { id: 'v4' })];
const IDS = [...BEFORE, ...KILLED, ...AFTER].map(({ event_id }) => event_id);

/** A database that `make` gives a name to. */
interface Engine {
  make(name: string): Promise<DestinationSettings>;
  close(): Promise<void>;
}

async function postgresEngine(): Promise<Engine> {
  const server = await startPostgres();
  return {
    make: async name => postgresAt(await server.database(name)),
    close: async () => await server[Symbol.asyncDispose](),
  };
}

async function mysqlEngine(server: TestMysqld): Promise<Engine> {
  let tables = 0;
  return {
    // A table for each: its name is told to nobody else.
    make: async () => ({
      type: 'mysql',
      url: server.url,
      table: `events_${++tables}`,
      primaryKeyFields: ['event_id'],
    }),
    close: async () => await server[Symbol.asyncDispose](),
  };
}

const missing = await missingServers();

describe.each<[string, () => Promise<Engine>, Step[]]>([
  ['postgres', postgresEngine, STEPS],
  // These differ in their statements: the steps that they are between. `npm run test:long` has all.
  ['mariadb', async () => await mysqlEngine(await startMariadb()), LONG ? STEPS : STATEMENTS],
  ['mysql', async () => await mysqlEngine(await startMysql()), LONG ? STEPS : STATEMENTS],
])('%s', (name, start, steps) => {
  let engine: Engine;
  let undisturbed: unknown;
  if (missing[name]) {
    test.skip(`identify - ${name}: killed, nothing is lost (skipped: ${missing[name]})`, () => undefined);
    return;
  }

  beforeAll(async () => {
    engine = await start();
    const warehouse = await engine.make('undisturbed');
    await using k = await startIdentifying(warehouse);
    await k.identify(BEFORE);
    await k.identify(KILLED);
    await k.identify(AFTER);
    undisturbed = await state(k, warehouse.table ?? '');
  }, 120_000);
  afterAll(async () => await engine?.close());

  test.each(steps)(`identify - ${name}: killed after %s, nothing is lost`, async step => {
    const warehouse = await engine.make(`killed_${step.replace('-', '_')}`);
    await using k = await startIdentifying(warehouse);
    await k.identify(BEFORE);
    const end = await runChild({ servers: [k.server.url], warehouse, calls: [KILLED], killAt: step });
    expect(end).toMatchObject({ signal: 'SIGKILL' });
    expect([...(await k.recognition.pending(soon()))]).toEqual([['warehouse', 1]]);
    expect(await k.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
    await k.identify(AFTER);
    expect(await state(k, warehouse.table ?? '')).toEqual(undisturbed);
  });

  test(`identify - ${name}: killed, and the client repeats the call before anybody has finished it`, async () => {
    const warehouse = await engine.make('repeated');
    await using k = await startIdentifying(warehouse);
    await k.identify(BEFORE);
    await runChild({ servers: [k.server.url], warehouse, calls: [KILLED], killAt: 'amend' });
    await k.identify(KILLED);
    await k.recognition.reconcile(soon());
    await k.identify(AFTER);
    expect(await state(k, warehouse.table ?? '')).toEqual(undisturbed);
  });
});

/** Rows, what was written down of amendments, and what is still remembered. */
async function state(k: Identifying, table: string) {
  const rows = await Promise.all(IDS.map(id => k.row(id, table)));
  const keys = await k.nats.kv.keys(soon(), 'recognition_audit', '>');
  const entries = await k.nats.kv.getMany(soon(), 'recognition_audit', keys);
  const changes = entries.flatMap(entry => {
    const { by, rows: changed } = decodeAudit(
      JSON.parse(new TextDecoder().decode((entry as { value: Uint8Array }).value)),
    );
    return changed.map(row => JSON.stringify({ by, ...row }).replaceAll(table, 'events'));
  });
  const remembered = await stillOpen(k);
  return {
    rows: Object.fromEntries(IDS.map((id, i) => [id, rows[i] && { ...rows[i] }])),
    changes: changes.sort(),
    remembered: remembered.map(key => key.replaceAll(table, 'events')),
  };
}

/** Keys of what is remembered, without events that are done with: what a killed process did not tidy up. */
async function stillOpen(k: Identifying): Promise<string[]> {
  await k.recognition.idle();
  const keys = await k.nats.kv.keys(soon(), 'anonymous_events', '>');
  const found = await k.nats.kv.getMany(soon(), 'anonymous_events', keys);
  const entries = found.map(entry => entry as { value: Uint8Array; revision: number });
  const done = new Map(
    keys.map((key, i) => [key, JSON.parse(new TextDecoder().decode(entries[i]?.value)).done ?? 0]),
  );
  return keys.filter((key, i) => {
    const visitor = key.split('.').slice(0, 3).join('.');
    return key === visitor || (entries[i]?.revision ?? 0) > (done.get(visitor) ?? 0);
  });
}
