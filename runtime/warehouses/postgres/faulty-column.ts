import type { Call } from '../../core/define-function.ts';
import type { Batch } from '../engine.ts';
import { arrayLiteral, intoColumn, unnest } from './dialect.ts';
import type { Runner } from './session.ts';

/** Which column of a batch of one row holds a value that its type does not take; undefined: none that can be told. */
export async function faultyColumn(runner: Runner, call: Call, batch: Batch): Promise<string | undefined> {
  for (const [at, column] of batch.columns.entries()) {
    if (column.kind !== 'other' && column.castType === undefined) continue;
    const sql = `SELECT ${intoColumn(column, 'g.c0')} IS NULL FROM ${unnest([column])} AS g(c0)`;
    const works = runner.transaction(call, session =>
      session.query(sql, [arrayLiteral(batch.values[at] ?? [])]),
    );
    if (
      !(await works.then(
        () => true,
        () => false,
      ))
    )
      return column.name;
  }
  return undefined;
}
