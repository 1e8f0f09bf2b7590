import type { DestinationType } from '../../contract/destination-types.gen.ts';
import type { Engine } from './engine.ts';
import type { TakeLock } from './pglite/runner.ts';
import type { Naming } from './shared/column-name.ts';
import type { MisfitPolicy } from './shared/misfits.ts';
import type { NullPolicy } from './shared/nulls.ts';

/**
 * A kind of warehouse: the default export of `<kind>/destination.ts`, which is all that has to be written for kvflow.yaml,
 * its schema and its page to know it. It is loaded with kvflow, so that it imports its driver when it opens.
 */
export interface DestinationKind {
  /** It is in the data directory, so that its settings need no url. */
  isEmbedded: boolean;
  /** Its database is opened by one process alone, which runs it itself: several workers cannot share it. */
  oneProcess?: true;
  /** Connects on first use. Throws WAREHOUSE_ERROR where the settings cannot be, UNSUPPORTED where the driver is not installed. */
  open(settings: DestinationSettings, place: Place): Promise<Engine>;
}

/** Where embedded warehouses are. */
export interface Place {
  dataDir: string;
  /** Sees to it that one process at a time opens the embedded warehouse. */
  takeLock: TakeLock;
}

/** One destination as the configuration has it. */
export interface DestinationSettings {
  type: DestinationType;
  url?: string | undefined;
  schema?: string | undefined;
  table?: string | undefined;
  /** Tables that events may name beside it. */
  tables?: string[] | undefined;
  /** Table that dead letters are written to as well. */
  rejectedTable?: string | undefined;
  primaryKeyFields?: string[] | undefined;
  /** Most connections. */
  poolSize?: number | undefined;
  /** Milliseconds that a statement waits for locks of others, where rows are locked: `postgres`, and `mysql` in whole seconds. Default: 5 s. */
  lockMs?: number | undefined;
  /** What is done with values that do not fit their columns. Default: `auto`. */
  misfits?: MisfitPolicy | undefined;
  /** Whether `warehouse-query` may read it. Default: false. */
  query?: boolean | undefined;
  /** How columns are named. Default: `plain`. */
  naming?: Naming | undefined;
  /** What a null in an event does to a column that has a value. Default: `keep`. */
  nulls?: NullPolicy | undefined;
  /** The same for single columns, by name. */
  misfitsByColumn?: Readonly<Record<string, MisfitPolicy>> | undefined;
}
