import type { FlowsStatus } from '../../../contract/flows-status.ts';
import type { Config } from '../../config/config.ts';
import type { NatsSettings, ServerLocation } from '../../nats/nats-settings.ts';

/** What a worker asks its leader. */
export interface LeaderCalls {
  /** Where the flows' process listens; starts it. */
  flowsUp(): Promise<{ address: string }>;
  flowsMode(mode: 'on' | 'safe'): Promise<void>;
  flowsStatus(): Promise<FlowsStatus>;
  /** What is not as it should be with the stores. */
  storeWarnings(): string[];
  /** Counts calls of an API key for all workers together. Throws PackError RATE_LIMITED. */
  spend(key: string, calls: number): Promise<void>;
  /** The figures of all processes, in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Where the embedded nats-server is now. */
  serverLocation(): Promise<ServerLocation | undefined>;
}

/** What a leader asks its workers. */
export interface WorkerCalls {
  /** Answers once it listens. */
  start(order: WorkerOrder): Promise<Started>;
  /** Tells what all processes share, as it is now. */
  share(shared: Shared): void;
  /** The figures of this worker, in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Ends after what is in flight is done. */
  stop(): void;
}

/** What a worker begins with. */
export interface WorkerOrder {
  /** Its port is the one to listen on: never 0. */
  config: Config;
  /** The NATS that the leader found, and whether the leader runs it. */
  nats: Omit<NatsSettings, 'locate'>;
  embedded: boolean;
  shared: Shared;
}

/** What the leader keeps for all, small enough to be told whenever it changes: workers need it without waiting. */
export interface Shared {
  /** Whether an API key is, or ever was, needed. */
  locked: boolean;
  /** Hashes of the keys that kvflow issued for processes of its own. */
  issued: string[];
  /** Whether the flows' process was ever needed. */
  flowsBegun: boolean;
}

/** A worker that listens. */
export interface Started {
  url: string;
  /** Whether the dashboard is there. */
  dashboard: boolean;
}
