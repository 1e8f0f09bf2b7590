import type { Call } from '../../core/call.ts';
import type { Cell } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Engine } from '../engine.ts';
import { columnsToSet } from '../row-rule.ts';
import { cellsOf } from './cells.ts';
import type { Settling } from './settle.ts';

/** The same warehouse, whose rows are looked at where they would be amended. */
export function lookingOnly(settling: Settling): Settling {
  const { engine } = settling;
  return { ...settling, engine: { ...engine, amend: (call, batch) => dryRun(engine, call, batch) } };
}

async function dryRun(engine: Engine, call: Call, batch: AmendBatch): Promise<AmendFound[]> {
  const wanted = Array.from({ length: batch.rows }, (_, row) =>
    cellsOf<Cell | null>(batch.columns.map(({ name }, at) => [name, batch.values[at]?.[row] ?? null])),
  );
  const keys = wanted.map(cells =>
    cellsOf(batch.primaryKey.map((name): [string, Cell] => [name, cells[name] ?? ''])),
  );
  const there = await engine.read(call, batch.table, keys);
  return wanted.map((cells, row): AmendFound => {
    const old = there[row];
    if (!old) return 'missing';
    return columnsToSet(old, cells, batch) ? { old } : 'unchanged';
  });
}
