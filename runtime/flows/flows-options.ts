import type { Authenticator } from '../core/access.ts';
import type { Invoke } from '../core/invoke.ts';

/** What {@link createFlows} works with. */
export interface FlowsOptions {
  /** Folder for flows, credentials and installed nodes. Made when Node-RED is started. */
  userDir: string;
  access: Authenticator;
  log: FlowsLog;
  /** Calls functions for the flows. */
  invoke: Invoke;
  /** Runs the functions on another NATS, for nodes with a connection of their own. */
  joinNats: JoinNats;
  /** `safe`: the editor is there and no flow runs; `off`: neither. Default: `on`. */
  mode?: 'on' | 'safe' | 'off' | undefined;
}

/** What of a logger this folder needs. */
export type FlowsLog = Record<'info' | 'warn' | 'error', (message: string) => void>;

/** Runs the functions on the NATS of the settings. */
export type JoinNats = (settings: never) => Promise<{ invoke: Invoke; close(): Promise<void> }>;
