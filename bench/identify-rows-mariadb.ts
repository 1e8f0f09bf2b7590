import type { Connection } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { openMysql } from '../runtime/warehouses/mysql/engine.ts';
import { createLoader } from '../runtime/warehouses/shared/loader.ts';
import { startMariadb } from '../tests/support/warehouses/mariadb.ts';
import { amend, load } from './identify-rows.ts';
import type { Figure } from './measure.ts';
import { compare } from './measure.ts';
import { pageViews } from './warehouse-stage.ts';

const ROWS = 10_000;

/**
 * Destination.amend of 10,000 rows in MariaDB against one UPDATE per row. The server is as durable as it is by default:
 * each transaction is on disk when it is answered.
 */
export async function identifyAmendRowsMariadb(): Promise<Figure> {
  await using server = await startMariadb([
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-log-file-size=96M',
  ]);
  const engine = await openMysql({ url: server.url });
  const destination = createLoader({
    name: 'bench',
    type: 'mysql',
    engine,
    locked: (_c, _n, work) => work(),
  });
  const client = await createConnection(server.url);
  try {
    const events = pageViews(ROWS);
    await load(destination, events);
    await amend(destination, events);
    return await compare(
      'rows/s',
      ROWS,
      () => amend(destination, events),
      () => rowByRow(client, events),
      3,
    );
  } finally {
    client.destroy();
    await destination.close();
  }
}

let round = 0;

async function rowByRow(client: Connection, events: Record<string, unknown>[]): Promise<void> {
  round += 1;
  for (const { event_id } of events) {
    await client.execute('UPDATE events SET user_email = ?, user_id = ? WHERE event_id = ?', [
      `one${round}@b.com`,
      `one-${round}`,
      String(event_id),
    ]);
  }
}
