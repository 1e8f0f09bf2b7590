import pg from 'pg';
import type { WarehouseServer } from '../../suites/test-warehouse.ts';
import type { TestPostgres } from './postgres.ts';
import { onServer, startPostgres } from './postgres.ts';

/** Schema that the tests' tables are in. */
export const SCHEMA = 'analytics';

/** A PostgreSQL with one database, and what the warehouse suite does to it. */
export async function openPostgres(
  database: string,
): Promise<Omit<Required<WarehouseServer>, 'engine'> & { url: string; postgres: TestPostgres }> {
  const postgres = await startPostgres();
  const url = await postgres.database(database);
  const name = (table: string) => `${SCHEMA}.${pg.escapeIdentifier(table)}`;
  return {
    url,
    postgres,
    statements: () => postgres.statements(database),
    stop: postgres.stop,
    start: postgres.start,
    drop: (table, column) =>
      onServer(url, async client => {
        const sql = column
          ? `ALTER TABLE ${name(table)} DROP COLUMN ${pg.escapeIdentifier(column)}`
          : `DROP TABLE ${name(table)}`;
        await client.query(sql);
      }),
    poison: (table, n) =>
      onServer(url, async client => {
        await client.query(
          `CREATE OR REPLACE FUNCTION ${SCHEMA}.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.n = TG_ARGV[0]::bigint THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '42501'; END IF; RETURN NEW; END $$`,
        );
        await client.query(
          `CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ${name(table)} FOR EACH ROW EXECUTE FUNCTION ${SCHEMA}.refuse('${n}')`,
        );
      }),
    lockRow: async (table, id) => {
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      await client.connect();
      await client.query('BEGIN');
      await client.query(`SELECT FROM ${name(table)} WHERE id = $1 FOR UPDATE`, [id]);
      return () => client.end();
    },
    [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose](),
  };
}
