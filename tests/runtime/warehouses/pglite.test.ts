import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { takeLock } from '../../../runtime/nats/server/lock-file.ts';
import { createPgliteRunner } from '../../../runtime/warehouses/pglite/runner.ts';
import { quote } from '../../../runtime/warehouses/postgres/dialect.ts';
import { createPostgresEngine } from '../../../runtime/warehouses/postgres/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';

testWarehouse({
  name: 'pglite',
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kvflow-pglite-'));
    const runner = createPgliteRunner({ folder: join(folder, 'warehouse'), takeLock });
    const shared = { ...runner, close: async () => undefined };
    return {
      engine: () => createPostgresEngine({ runner: shared }),
      drop: async (table, column) => {
        const sql = `TABLE public.${quote(table)}`;
        const call = { deadline: Date.now() + 10_000 };
        await runner.transaction(call, session =>
          session.query(column ? `ALTER ${sql} DROP COLUMN ${quote(column)}` : `DROP ${sql}`),
        );
      },
      [Symbol.asyncDispose]: async () => {
        await runner.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});

test('pglite - without its package it says what to install, and leaves no lock behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-pglite-'));
  const load = () => Promise.reject(Object.assign(new Error('absent'), { code: 'ERR_MODULE_NOT_FOUND' }));
  const runner = createPgliteRunner({ folder: join(folder, 'warehouse'), takeLock, load });
  const call = { deadline: Date.now() + 10_000 };
  for (const _ of ['first', 'again']) {
    await expect(runner.transaction(call, async () => undefined)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('npm install @electric-sql/pglite'),
    });
  }
  await runner.close();
  await rm(folder, { recursive: true, force: true });
});
