import type { FlowsMode, FlowsStatus } from '../../contract/flows-status.ts';
import type { Authenticator, KeyIssuer } from '../core/access.ts';

/** What {@link createFlows} works with. */
export interface FlowsOptions {
  /** The program that runs Node-RED; see child/run.ts. */
  entry: string;
  /** Folder for flows, credentials and installed nodes. Made when Node-RED is started. */
  userDir: string;
  access: Authenticator & KeyIssuer;
  log: FlowsLog;
  /** The kvflow that flows call, once it listens. */
  apiUrl(): string;
  /** All of the environment that flows get. */
  env: Record<string, string | undefined>;
  /** `safe`: the editor is there and no flow runs; `off`: neither. Default: `on`. */
  mode?: FlowsMode | undefined;
  /** Most MiB of the flows' heap. Default: what Node takes. */
  memoryMb?: number | undefined;
  backoff?: Partial<Backoff> | undefined;
  /** Milliseconds without a word after which the process hangs, is killed and started again. Default 60,000. */
  hangMs?: number | undefined;
  /** Where another process of this kvflow runs Node-RED: how it is reached. Default: this process runs it. */
  elsewhere?: KeptFlows | undefined;
}

/** A process of flows that is kept running once it was needed, here or by another process. */
export interface KeptFlows {
  /** Whether it was ever needed. */
  readonly begun: boolean;
  /** Where the process listens, as soon as it answers. Throws PackError UNAVAILABLE while it is down. */
  up(): Promise<{ address: string }>;
  /** Ends the process and starts it in that mode at once. */
  setMode(mode: 'on' | 'safe'): Promise<void>;
  status(): FlowsStatus | Promise<FlowsStatus>;
  close(): Promise<void>;
}

/** What of a logger this folder needs. */
export type FlowsLog = Record<'info' | 'warn' | 'error', (message: string) => void>;

/** Milliseconds between a process's end and the next one. */
export interface Backoff {
  /** After the first end. Default 1,000. */
  firstMs: number;
  /** It doubles up to this. Default 30,000. */
  longestMs: number;
  /** A process that ran so long did not fail at its start: the next wait is the first again. Default 60,000. */
  steadyMs: number;
}
