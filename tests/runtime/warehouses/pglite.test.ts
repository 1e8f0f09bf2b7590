import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { takeLock } from '../../../runtime/locks/lock-file.ts';
import { createPgliteRunner } from '../../../runtime/warehouses/pglite/runner.ts';
import { quote } from '../../../runtime/warehouses/postgres/dialect.ts';
import { createPostgresEngine } from '../../../runtime/warehouses/postgres/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { forAll } from '../../support/for-all.ts';
import { soon } from '../../support/soon.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** A warehouse that nobody has used: to make one takes three seconds of the processor, to copy it none. */
const unused = forAll(async () => {
  const folder = await tempDir();
  const runner = createPgliteRunner({ folder: join(folder.path, 'warehouse'), takeLock });
  await runner.transaction(soon(60_000), session => session.query('SELECT 1'));
  await runner.close();
  return folder;
}, 60_000);

async function newFolder() {
  const folder = await tempDir();
  await cp(unused.path, folder.path, { recursive: true });
  return folder;
}

testWarehouse({
  name: 'pglite',
  cannot: { locks: 'there is one session', outages: 'there is no server' },
  start: async () => {
    const folder = await newFolder();
    const runner = createPgliteRunner({ folder: join(folder.path, 'warehouse'), takeLock });
    const shared = { ...runner, close: async () => undefined };
    return {
      engine: () => createPostgresEngine({ runner: shared }),
      drop: async (table, column) => {
        const sql = `TABLE public.${quote(table)}`;
        const call = soon();
        await runner.transaction(call, session =>
          session.query(column ? `ALTER ${sql} DROP COLUMN ${quote(column)}` : `DROP ${sql}`),
        );
      },
      poison: async (table, n) => {
        const call = soon();
        const refusing = `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN IF NEW.n = TG_ARGV[0]::bigint THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '42501'; END IF; RETURN NEW; END $$`;
        const trigger = `CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON public.${quote(table)} FOR EACH ROW EXECUTE FUNCTION refuse('${n}')`;
        await runner.transaction(call, async session => {
          await session.query(refusing);
          await session.query(trigger);
        });
      },
      [Symbol.asyncDispose]: async () => {
        await runner.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
});

const ENDLESS = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';

test('pglite - a query that does not end is ended at its deadline, when its caller leaves, and when kvflow stops', async () => {
  await using folder = await newFolder();
  const runner = createPgliteRunner({ folder: join(folder.path, 'warehouse'), takeLock });
  const engine = createPostgresEngine({ runner });
  const call = soon();
  await runner.transaction(call, session => session.query('CREATE TABLE kept (n int)'));
  await runner.transaction(call, session => session.query('INSERT INTO kept VALUES (7)'));
  const count = async () => (await engine.query?.(soon(), 'SELECT n FROM kept', 10))?.rows;
  await expect(engine.query?.({ deadline: Date.now() + 300 }, ENDLESS, 10)).rejects.toMatchObject({
    code: 'TIMEOUT',
  });
  expect(await count()).toEqual([[7]]);
  const alike = `SELECT n AS "2", 1 AS "1", ARRAY['a'] AS x, NULL AS x, 12345678901234567890 AS "__proto__" FROM kept`;
  expect(await engine.query?.(soon(), alike, 10)).toEqual({
    columns: ['2', '1', 'x', 'x', '__proto__'],
    rows: [[7, 1, ['a'], null, '12345678901234567890']],
  });
  expect(await engine.query?.(soon(), 'SELECT FROM kept', 10)).toEqual({ columns: [], rows: [[]] });
  const caller = new AbortController();
  const left = engine.query?.({ ...soon(), signal: caller.signal }, ENDLESS, 10);
  const behind = count();
  setTimeout(() => caller.abort(), 200);
  await expect(left).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(await behind).toEqual([[7]]);
  const stopped = engine.query?.(soon(), ENDLESS, 10).catch(error => error.code);
  setTimeout(() => void engine.close(), 200);
  expect(await stopped).toBe('UNAVAILABLE');
}, 60_000);

test('pglite - without its package it says what to install, and leaves no lock behind', async () => {
  await using folder = await tempDir();
  const entry = join(folder.path, 'worker.mjs');
  await writeFile(entry, "import '@electric-sql/pglite';");
  const runner = createPgliteRunner({ folder: join(folder.path, 'warehouse'), takeLock, entry });
  const call = soon();
  for (const _ of ['first', 'again']) {
    await expect(runner.transaction(call, async () => undefined)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('npm install @electric-sql/pglite'),
    });
  }
  await runner.close();
});

test('pglite - while it computes, everything else in the process goes on', async () => {
  await using folder = await newFolder();
  const runner = createPgliteRunner({ folder: join(folder.path, 'warehouse'), takeLock });
  const call = soon(60_000);
  try {
    let turns = 0;
    await runner.transaction(call, async session => {
      const slow = session.query('SELECT sum(n) FROM generate_series(1, 1000000) AS g(n)');
      let isOver = false;
      const over = slow.finally(() => {
        isOver = true;
      });
      for (; !isOver; turns++) await new Promise(resolve => setImmediate(resolve));
      expect(await over).toEqual([['500000500000']]);
    });
    // In the same thread the statement would leave the loop a few turns, before it and after it.
    expect(turns).toBeGreaterThan(200);
  } finally {
    await runner.close();
  }
});

test('pglite - a thread that ended is UNAVAILABLE once, and opened anew with the next call', async () => {
  await using folder = await tempDir();
  const entry = join(folder.path, 'worker.mjs');
  // Opens, and ends at the first question; the second time it answers.
  await writeFile(
    entry,
    `import { parentPort } from 'node:worker_threads';
    import { existsSync, writeFileSync } from 'node:fs';
    const mark = new URL('./ended-once', import.meta.url);
    parentPort.postMessage({ id: 0 });
    parentPort.on('message', ({ id }) => {
      if (existsSync(mark)) return parentPort.postMessage({ id, value: { columns: [], rows: [['here']] } });
      writeFileSync(mark, '');
      process.exit(7);
    });`,
  );
  const runner = createPgliteRunner({ folder: join(folder.path, 'warehouse'), takeLock, entry });
  const call = soon();
  const ask = () => runner.transaction(call, session => session.query('SELECT 1'));
  await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect(await ask()).toEqual([['here']]);
  await runner.close();
});
