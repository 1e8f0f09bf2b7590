import type { Cells } from '../../core/destinations.ts';
import type { SqlTypeHint } from './sql-type.ts';

/** One event of a call, flattened. */
export interface Source {
  /** Where it stands in the call. */
  index: number;
  table: string;
  /** Of the whole event, or of its key alone. */
  cells: Cells;
  types: ReadonlyMap<string, SqlTypeHint>;
  version: bigint;
  /** Columns of the table that the event says are null. */
  nulls?: readonly string[];
  /** Columns whose values the warehouse refused: they go beside the row. */
  aside?: ReadonlySet<string>;
  /** The cells are those of the key and no others. */
  isKey: boolean;
}
