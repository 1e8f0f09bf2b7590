import { afterAll, beforeAll } from '@jest/globals';
import { openPostgres } from '../../../runtime/warehouses/postgres/open.ts';
import type { LoaderOptions } from '../../../runtime/warehouses/shared/loader.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import type { TestPostgres } from '../../support/warehouses/postgres.ts';
import { onServer, startPostgres } from '../../support/warehouses/postgres.ts';

/** Loader's options of a test, and where it connects to: by default the database of the file, as its owner. */
export interface OpenOptions extends Partial<LoaderOptions> {
  at?: string;
}

/** A PostgreSQL with one database for the tests of a file, and what they do to it. Ended with what was opened. */
export function postgresPlace(database: string) {
  let server: TestPostgres;
  let url: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.database(database);
  }, 60_000);
  afterAll(async () => {
    for (const each of opened) await each.close();
    await server?.[Symbol.asyncDispose]();
  });

  /** Runs statements as the owner; answers the rows of the last. */
  const sql = (...statements: string[]) =>
    onServer(url, async client => {
      let rows: unknown[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    });

  const open = async ({ at = url, ...options }: OpenOptions = {}) => {
    const loader = createLoader({
      name: 'w',
      type: 'postgres',
      engine: await openPostgres({ url: at, schema: 'public', poolSize: 2 }),
      locked: (_call, _names, work) => work(),
      ...options,
    });
    opened.push(loader);
    return loader;
  };

  /** The database's url for another role. */
  const as = (user: string, password = '') => Object.assign(new URL(url), { username: user, password }).href;

  return { url: () => url, port: () => server.port, as, sql, open };
}
