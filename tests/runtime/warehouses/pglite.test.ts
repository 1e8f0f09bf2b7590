import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
