/** What `GET /flows/process` tells. */

/** Whether flows run: `safe` is the editor without running flows, `off` neither. */
export type FlowsMode = 'on' | 'safe' | 'off';

/** What becomes of the process that runs the flows. */
export interface FlowsStatus {
  mode: FlowsMode;
  /** `idle`: nobody has needed it yet. `waiting`: it ended by itself and is started again at `again_at`. */
  state: 'idle' | 'starting' | 'running' | 'waiting' | 'stopped';
  /** Whether flows run in it; not so in safe mode, until flows are deployed there. */
  flows_running: boolean;
  /** How often it ended by itself and was started again. */
  restarts: number;
  /** Bytes of memory that it has, where the system tells. */
  resident_bytes?: number;
  /** How it last ended by itself. */
  ended?: { at: string; why: string };
  /** RFC 3339; only while it waits. */
  again_at?: string;
}
