import { afterAll, beforeAll } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import type { AmendConflict, AmendOutcome, TableTarget } from '../../../runtime/core/destinations.ts';
import { openClickhouse } from '../../../runtime/warehouses/clickhouse/engine.ts';
import type { Engine } from '../../../runtime/warehouses/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { within } from '../../suites/warehouse/subject.ts';
import type { TestClickhouse } from '../../support/warehouses/clickhouse.ts';
import { startClickhouse } from '../../support/warehouses/clickhouse.ts';

type Event = Record<string, unknown>;

/** A table, and its key where that is not `id`. */
export function target(table: string, ...fields: string[]): TableTarget {
  return { table, primaryKeyFields: fields.length > 0 ? fields : ['id'] };
}

/** ClickHouse's engine for the tests of one file, with shorthands. */
export function withClickhouse() {
  let server: TestClickhouse;
  let engine: Engine;
  beforeAll(async () => {
    server = await startClickhouse();
    engine = await openClickhouse({ url: server.url });
  }, 60_000);
  afterAll(async () => {
    await engine?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const loader = () =>
    createLoader({ name: 'w', type: 'clickhouse', engine, locked: (_call, _names, work) => work() });

  async function load(
    where: TableTarget,
    version: number,
    ...events: Event[]
  ): Promise<(PackError | undefined)[]> {
    const rows = events.map(event => ({ event, version: BigInt(version) }));
    return await loader().load(within(), where, rows);
  }

  async function amend(
    where: TableTarget & { conflict?: AmendConflict },
    version: number,
    event: Event,
    identity: Record<string, string>,
  ): Promise<AmendOutcome | undefined> {
    const values = Object.entries(identity).map(([name, value]) => ({ path: [name], value }));
    const rows = [{ event, version: BigInt(version), identity: values }];
    return (await loader().amend(within(), { conflict: 'fill', ...where }, rows))[0];
  }

  /** Statements one after the other; the answer is the last one's. */
  async function run(...statements: string[]): Promise<string> {
    let answer = '';
    for (const sql of statements) answer = await server.query(`USE kvflow; ${sql}`);
    return answer;
  }

  async function lines(sql: string) {
    const text = await run(`${sql} FORMAT JSONCompactEachRow`);
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
  }

  return { load, amend, run, lines, loader, engine: () => engine, server: () => server };
}
