/** A role that may not alter a table: events that need it are dead letters, the others of their call are stored, and a grant mends it. */
import { describe, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import { event, startIdentifying } from '../support/identify.ts';
import { startMariadb } from '../support/warehouses/mariadb.ts';
import { missingServers } from '../support/warehouses/missing.ts';
import { startMysql } from '../support/warehouses/mysql.ts';
import type { TestMysqld } from '../support/warehouses/mysqld.ts';
import { onServer, startPostgres } from '../support/warehouses/postgres.ts';

/** A warehouse with a table `events` that the writer may fill, and no more. */
interface Place extends AsyncDisposable {
  writer: DestinationSettings;
  /** Gives the writer the right to alter the table. */
  grant(): Promise<unknown>;
}

const TABLE = { table: 'events', primaryKeyFields: ['event_id'] };
const COLUMNS = 'user_anonymous_id VARCHAR(50), event_type VARCHAR(50), n BIGINT';

async function onPostgres(): Promise<Place> {
  const server = await startPostgres();
  const url = await server.database('altered');
  const sql = (...statements: string[]) =>
    onServer(url, async client => {
      for (const statement of statements) await client.query(statement);
    });
  await sql(
    `CREATE TABLE events (event_id VARCHAR(50) PRIMARY KEY, ${COLUMNS})`,
    "CREATE ROLE writer LOGIN PASSWORD 'w'",
    'GRANT USAGE ON SCHEMA public TO writer',
    'GRANT SELECT, INSERT, UPDATE ON events TO writer',
  );
  const as = Object.assign(new URL(url), { username: 'writer', password: 'w' }).href;
  return {
    writer: { type: 'postgres', url: as, ...TABLE },
    grant: () => sql('ALTER TABLE events OWNER TO writer'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function onMysql(start: () => Promise<TestMysqld>): Promise<Place> {
  const server = await start();
  const admin = await createConnection(server.url);
  await admin.query(`CREATE TABLE events (event_id VARCHAR(50) PRIMARY KEY, ${COLUMNS})`);
  await admin.query("CREATE USER writer@'127.0.0.1' IDENTIFIED BY 'w'");
  await admin.query("GRANT SELECT, INSERT, UPDATE ON kvflow.events TO writer@'127.0.0.1'");
  const as = Object.assign(new URL(server.url), { username: 'writer', password: 'w' }).href;
  return {
    writer: { type: 'mysql', url: as, ...TABLE },
    grant: () => admin.query("GRANT ALTER ON kvflow.events TO writer@'127.0.0.1'"),
    [Symbol.asyncDispose]: async () => {
      admin.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

const missing = await missingServers();
const PLACES: Record<string, (() => Promise<Place>) | string> = {
  postgres: onPostgres,
  mariadb: missing.mariadb ?? (() => onMysql(startMariadb)),
  mysql: missing.mysql ?? (() => onMysql(startMysql)),
  clickhouse:
    "the engine in tests has one user, who may do all; what it is refused for is in the engine's own tests",
  redshift: 'a stand-in that no configuration reaches; its loader is tested with such a role',
  snowflake: 'a stand-in that has no roles',
  sqlite: 'it has no roles',
  pglite: 'its one connection is the owner of all tables',
};

describe.each(Object.entries(PLACES))('%s', (name, place) => {
  if (typeof place === 'string') {
    test.skip(`no alter - ${name} (skipped: ${place})`, () => undefined);
    return;
  }

  test(`no alter - ${name}: what needs another column, or a wider one, is a dead letter, and stored after a grant`, async () => {
    await using at = await place();
    await using k = await startIdentifying(at.writer);
    const sent = [
      { ...event('plain', 'v'), n: 1 },
      { ...event('more', 'v'), more: 2 },
      { ...event('wide', 'v'), n: 2.5 },
      { ...event('other', 'v'), n: 4 },
    ];
    const answer = await k.identify(sent);
    expect(answer).toMatchObject({ loaded: 2, failed: [{ index: 1 }, { index: 2 }] });
    expect(answer.failed.map(({ message }) => message)).toEqual(
      ['more', 'n'].map(() => expect.stringContaining('grant')),
    );
    const { letters } = await k.call('identify-dead-list', {});
    expect(letters).toMatchObject([{ event: { event_id: 'more' } }, { event: { event_id: 'wide' } }]);
    for (const id of ['plain', 'other']) expect(await k.row(id)).toMatchObject({ event_id: id });
    for (const id of ['more', 'wide']) expect(await k.row(id)).toBeUndefined();

    await at.grant();
    expect(await k.call('identify-dead-replay', {})).toMatchObject({ stored: 2, failed: 0 });
    expect(await k.row('more')).toMatchObject({ more: 2 });
    expect(await k.row('wide')).toMatchObject({ n: 2.5 });
    expect(await k.call('identify-dead-list', {})).toMatchObject({ letters: [] });
  }, 120_000);
});
