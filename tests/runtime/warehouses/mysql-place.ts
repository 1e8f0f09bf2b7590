import { afterAll, beforeAll } from '@jest/globals';
import type { Connection } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import type { Engine } from '../../../runtime/warehouses/engine.ts';
import { openMysql } from '../../../runtime/warehouses/mysql/engine.ts';
import type { LoaderOptions } from '../../../runtime/warehouses/shared/loader.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import type { TestMysqld } from '../../support/warehouses/mysqld.ts';

/** A MySQL or a MariaDB, whose tests are the same. */
export interface MysqlKind {
  /** Begins the names of the tests. */
  name: string;
  start(flags?: string[]): Promise<TestMysqld>;
  /** The collation that tells all texts apart. */
  exactCollation: string;
}

/** A server of the kind, for the tests of the describe it is used in, and what they do to it. */
export function useMysql({ start }: MysqlKind) {
  let server: TestMysqld;
  let admin: Connection;
  let engine: Engine;
  const target = (table: string, ...fields: string[]) => ({
    table,
    primaryKeyFields: fields.length > 0 ? fields : ['id'],
  });
  const loader = (options: Partial<LoaderOptions> = {}) =>
    createLoader({ name: 'w', type: 'mysql', engine, locked: (_call, _names, work) => work(), ...options });
  const load = (where: ReturnType<typeof target>, ...events: Record<string, unknown>[]) =>
    loader().load(
      within(),
      where,
      events.map(event => ({ event, version: nextVersion() })),
    );
  const amend = (where: ReturnType<typeof target>, email: string, ...events: Record<string, unknown>[]) =>
    loader().amend(
      within(),
      { ...where, conflict: 'fill' },
      events.map(event => ({
        event,
        version: nextVersion(),
        identity: [{ path: ['email'], value: email }],
      })),
    );
  const select = async (sql: string) => (await admin.query({ sql, rowsAsArray: true }))[0];

  beforeAll(async () => {
    // A server set up as loosely as servers can be: what is strict is kvflow's own doing.
    server = await start(['--sql-mode=', '--default-time-zone=+05:00', '--max-allowed-packet=1M']);
    admin = await createConnection(server.url);
    engine = await openMysql({ url: server.url });
  }, 60_000);
  afterAll(async () => {
    await engine?.close();
    admin?.destroy();
    await server?.[Symbol.asyncDispose]();
  });
  return {
    server: () => server,
    admin: () => admin,
    engine: () => engine,
    target,
    loader,
    load,
    amend,
    select,
  };
}

/** What {@link useMysql} gives. */
export type MysqlPlace = ReturnType<typeof useMysql>;
