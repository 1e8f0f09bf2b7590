/** What functions may ask of recognition. Made by `createRecognition`, reached by `ctx.recognition()`. */

import type {
  IdentifyInput,
  IdentifyOutput,
  IdentifyUndoInput,
  IdentifyUndoOutput,
} from '../../contract/types.gen.ts';
import type { Call } from './define-function.ts';
import type { WarehouseQuery, WarehouseRows } from './destinations.ts';
import type { StatsSnapshot } from './recognition-stats.ts';

/** Recognizes users retroactively: state in the key-value store, rows in the warehouses. */
export interface Recognition {
  identify(call: Call, input: IdentifyInput): Promise<IdentifyOutput>;
  undo(call: Call, input: IdentifyUndoInput): Promise<IdentifyUndoOutput>;
  /** Reads a destination that allows it. */
  query(call: Call, destination: string, query: WarehouseQuery): Promise<WarehouseRows>;
  /** Finishes what calls have left, once; see {@link ReconcileReport}. Never throws for one destination's fault. */
  reconcile(call: Call): Promise<ReconcileReport>;
  /** Calls whose work is not finished yet, by destination; counted in the bucket. */
  pending(call: Call): Promise<Map<string, number>>;
  stats(): StatsSnapshot;
  /** Resolves when nothing is being tidied up in the background. */
  idle(): Promise<void>;
  /** Leaves the rest of that to its ttl; what is under way ends. */
  close(): Promise<void>;
}

/** What one look at the unfinished calls came to. */
export interface ReconcileReport {
  /** Calls finished by this look. */
  finished: number;
  /** Calls that are still to be finished. */
  left: number;
}
