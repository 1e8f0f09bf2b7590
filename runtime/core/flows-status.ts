import type { FlowsMode, FlowsStatus } from '../../contract/flows-status.ts';

/** The part of the flows that people steer. */
export interface FlowsControl {
  /** A promise where another process runs them. */
  status(): FlowsStatus | Promise<FlowsStatus>;
  /**
   * Starts the flows' process, or starts it again, in this mode, and answers once it runs. Throws PackError UNSUPPORTED where
   * flows are switched off or not installed, UNAVAILABLE where it ends before it is ready.
   */
  setMode(mode: Exclude<FlowsMode, 'off'>): Promise<FlowsStatus>;
}
