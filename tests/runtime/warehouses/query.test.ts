import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { PATIENCE } from '../../support/patience.ts';

const QUERY = pathToFileURL('runtime/warehouses/shared/query.ts').href;

/** Hands a statement to a warehouse; what it is asked. In a process of its own, which can be ended while it looks at one. */
function askedOf(sql: string): string {
  const code = `
    const { queryRows } = await import(${JSON.stringify(QUERY)});
    const query = async (_call, statement) => {
      process.stdout.write(statement);
      return { columns: [], rows: [] };
    };
    const { unit, times, end } = ${sql};
    await queryRows({ name: 'w', type: 'x', engine: { query }, query: true }, {}, { sql: 'SELECT 1' + unit.repeat(times) + end, rows: 1 });`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    timeout: 20_000 * PATIENCE,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return stdout;
}

test.each([';/*', ";--'", ';--*/', ';'])(
  'query - a long text of %j is looked through once, and handed on',
  unit => {
    const asked = askedOf(JSON.stringify({ unit, times: 150_000, end: 'x' }));
    expect(asked).toBe(`SELECT 1${unit.repeat(150_000)}x`);
  },
);

test('query - what ends a long statement is taken away', () => {
  const asked = askedOf(JSON.stringify({ unit: ' ', times: 150_000, end: '+ 1; -- all' }));
  expect(asked.trimEnd()).toBe(`SELECT 1${' '.repeat(150_000)}+ 1`);
});
