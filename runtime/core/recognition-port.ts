import type { Call } from './call.ts';
/** What functions may ask of recognition. Made by `createRecognition`, reached by `ctx.recognition()`. */

import type {
  IdentifyChangeListInput,
  IdentifyChangeListOutput,
  IdentifyDeadDropInput,
  IdentifyDeadDropOutput,
  IdentifyDeadListInput,
  IdentifyDeadListOutput,
  IdentifyDeadReplayInput,
  IdentifyDeadReplayOutput,
  IdentifyEventListInput,
  IdentifyEventListOutput,
  IdentifyForgetInput,
  IdentifyForgetOutput,
  IdentifyInput,
  IdentifyOutput,
  IdentifyPendingListInput,
  IdentifyPendingListOutput,
  IdentifyPreviewInput,
  IdentifyPreviewOutput,
  IdentifyUndoInput,
  IdentifyUndoOutput,
  IdentifyVisitorGetInput,
  IdentifyVisitorGetOutput,
  IdentifyVisitorListInput,
  IdentifyVisitorListOutput,
} from '../../contract/types.gen.ts';
import type { WarehouseQuery, WarehouseRows } from './destinations.ts';
import type { StatsSnapshot } from './recognition-stats.ts';

/** What a caller may reach in warehouses; each throws FORBIDDEN. */
export interface RecognitionRights {
  destination(name: string): void;
  /** Asked of a table that a call names and its destination does not list. */
  table(name: string): void;
  /** Whether lists over namespaces and destinations show what is of these. Throws nothing. */
  mayRead(of: { namespace: string; destination: string }): boolean;
}

/** A call of recognition. `rights`: the caller's; without them it may do everything. */
type Asked<Input, Output> = (call: Call, input: Input, rights?: RecognitionRights) => Promise<Output>;

/** Recognizes users retroactively: state in the key-value store, rows in the warehouses. */
export interface Recognition {
  identify: Asked<IdentifyInput, IdentifyOutput>;
  undo: Asked<IdentifyUndoInput, IdentifyUndoOutput>;
  /** Takes out what is kept of a visitor or a user. */
  forget: Asked<IdentifyForgetInput, IdentifyForgetOutput>;
  /** What a call or an undo would change. */
  preview: Asked<IdentifyPreviewInput, IdentifyPreviewOutput>;
  /** Visitors who were named. */
  visitorList: Asked<IdentifyVisitorListInput, IdentifyVisitorListOutput>;
  /** All that is known of one. */
  visitorGet: Asked<IdentifyVisitorGetInput, IdentifyVisitorGetOutput>;
  /** Calls that are still to be finished. */
  pendingList: Asked<IdentifyPendingListInput, IdentifyPendingListOutput>;
  /** Events that are remembered, the last one first. */
  eventList: Asked<IdentifyEventListInput, IdentifyEventListOutput>;
  /** Rows that were amended, the last ones first. */
  changeList: Asked<IdentifyChangeListInput, IdentifyChangeListOutput>;
  /** Events that could not be stored. */
  deadList: Asked<IdentifyDeadListInput, IdentifyDeadListOutput>;
  deadReplay: Asked<IdentifyDeadReplayInput, IdentifyDeadReplayOutput>;
  deadDrop: Asked<IdentifyDeadDropInput, IdentifyDeadDropOutput>;
  /** Reads a destination that allows it. */
  query(call: Call, destination: string, query: WarehouseQuery): Promise<WarehouseRows>;
  /** Finishes what calls have left, once; see {@link ReconcileReport}. Never throws for one destination's fault; UNSUPPORTED where NATS is too old. */
  reconcile(call: Call): Promise<ReconcileReport>;
  /** Calls whose work is not finished yet, by destination; counted in the bucket. */
  pending(call: Call): Promise<Map<string, number>>;
  /** Events that could not be stored and are kept, by destination; counted in the bucket. */
  dead(call: Call): Promise<Map<string, number>>;
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
