/** Tables that another makes while kvflow is about to. */
import { expect, test } from '@jest/globals';
import { NAMES_MARK } from '../../../runtime/warehouses/engine.ts';
import { createPostgresEngine } from '../../../runtime/warehouses/postgres/engine.ts';
import { createPool } from '../../../runtime/warehouses/postgres/pool.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { forAll } from '../../support/for-all.ts';
import { onServer, startPostgres } from '../../support/warehouses/postgres.ts';

const postgres = forAll(() => startPostgres(), 60_000);
const COLUMNS = [{ name: 'id', kind: 'text' as const }];

test('postgres - a table that somebody made meanwhile stays as it is, whoever it belongs to', async () => {
  const url = await postgres.database('meanwhile');
  await onServer(url, async client => {
    await client.query('CREATE ROLE maker LOGIN; GRANT CREATE ON SCHEMA public TO maker');
    await client.query("CREATE TABLE theirs (id text PRIMARY KEY); COMMENT ON TABLE theirs IS 'of an app'");
  });
  const runner = createPool({
    url: Object.assign(new URL(url), { username: 'maker', password: '' }).href,
    size: 2,
  });
  const engine = createPostgresEngine({ runner });
  try {
    await engine.createTable(within(), 'theirs', COLUMNS, ['id']);
    expect(await engine.describe(within(), 'theirs')).toMatchObject({ isMarked: false });
    await engine.createTable(within(), 'ours', COLUMNS, ['id']);
    expect(await engine.describe(within(), 'ours')).toMatchObject({ isMarked: true });
  } finally {
    await runner.close();
  }
  const comments = await onServer(url, async client => {
    const sql =
      "SELECT relname, obj_description(oid) FROM pg_class WHERE relname IN ('ours', 'theirs') ORDER BY 1";
    return (await client.query(sql)).rows;
  });
  expect(comments).toEqual([
    { relname: 'ours', obj_description: NAMES_MARK },
    { relname: 'theirs', obj_description: 'of an app' },
  ]);
});

test('postgres - of many that make a table at the same moment none fails', async () => {
  const runner = createPool({ url: await postgres.database('at_once'), size: 8 });
  const engine = createPostgresEngine({ runner });
  try {
    for (let round = 0; round < 10; round++)
      await Promise.all(
        Array.from({ length: 8 }, () => engine.createTable(within(), `at_once_${round}`, COLUMNS, ['id'])),
      );
    expect(await engine.describe(within(), 'at_once_9')).toMatchObject({ isMarked: true });
  } finally {
    await runner.close();
  }
});

test('postgres - of many that make a schema at the same moment none fails', async () => {
  const runner = createPool({ url: await postgres.database('schemas_at_once'), size: 8 });
  try {
    for (let round = 0; round < 10; round++) {
      const engine = createPostgresEngine({ runner, schema: `made_${round}` });
      await Promise.all(
        Array.from({ length: 8 }, (_, each) =>
          engine.createTable(within(), `t_${each % 2}`, COLUMNS, ['id']),
        ),
      );
      expect(await engine.describe(within(), 't_1')).toMatchObject({ isMarked: true });
    }
  } finally {
    await runner.close();
  }
});

test('postgres - a type of an app that has the name of the table is an error, not a table', async () => {
  const url = await postgres.database('typed');
  await onServer(url, client => client.query("CREATE TYPE mood AS ENUM ('ok')"));
  const runner = createPool({ url, size: 1 });
  const engine = createPostgresEngine({ runner });
  try {
    await expect(engine.createTable(within(), 'mood', COLUMNS, ['id'])).rejects.toMatchObject({
      code: 'WAREHOUSE_ERROR',
      message: expect.stringContaining('already exists'),
    });
  } finally {
    await runner.close();
  }
});
