import type { ScriptRun } from '../core/scripts.ts';
import type { AdmissionLimits } from './host/admission.ts';
import type { Geo } from './host/geo.ts';

/** What a script may use up. A call may ask for less than the sandbox was created with, never for more. */
export interface SandboxLimits {
  /** Lines one event may log; default 100. */
  logLines: number;
  /** Characters one event may log; default 16384. */
  logBytes: number;
  /** Characters of JSON one event may return; default 1 MiB. */
  resultBytes: number;
  /** Events one event may turn into; default 1000. */
  eventsOut: number;
  /** `$kv` calls of one event; default 1000. */
  kvOperations: number;
  /** Bytes of one `$kv` value; default 1 MiB. */
  kvValueBytes: number;
  /** Time to live of a `$kv` value that the script gives none, in ms; 0: none; default 60 days. */
  kvTtlMs: number;
}

/** What the scripts of one call, and of one tenant's calls in a minute, may use up. */
export interface UsageLimits {
  /** Milliseconds of processor time of one call; default 60000. */
  cpuMsPerCall: number;
  /** `$kv` operations of one call, reads and writes; default 100000. */
  kvPerCall: number;
  /** The same of all calls of a tenant in a minute; 0, the default: no bound. */
  cpuMsPerMinute: number;
  kvPerMinute: number;
}

/** How the worker pool is set up. All optional. */
export interface SandboxOptions {
  /** Workers at the same time, the warm one not counted; default twice the cores, at least 4. */
  maxWorkers?: number;
  /** Workers beyond those, for tenants that have none while all are busy; default 4. */
  maxExtra?: number;
  /** Workers one namespace may use at the same time; default as many as cores; they are given up to others who wait. */
  maxPerNamespace?: number;
  /** Locked workers kept ready for the next namespace; default 1. */
  warmWorkers?: number;
  /** Whether others take the place of those that were taken; default yes. */
  refillWarm?: boolean;
  /** Memory a worker may take beyond its start, in MB; default 128. */
  memoryMb?: number;
  /** A worker without work for this long ends, in ms; default 60000. */
  idleMs?: number;
  /** How long a script that keeps killing its worker is refused, in ms; default 30000. */
  quarantineMs?: number;
  limits?: Partial<SandboxLimits>;
  usage?: Partial<UsageLimits>;
  /** What one tenant, and all together, may have under way; see {@link createAdmission} for the default. */
  admission?: AdmissionLimits;
  /** Tells scripts where events came from. Default: nothing does. */
  geo?: Geo;
  /** Time zone of scripts, such as `Europe/Berlin`; default UTC, wherever the server is. */
  timeZone?: string;
  /** What keeps scripts from each other within a process; default `vm2`. */
  engine?: 'vm2' | 'context';
  /** `all`: nothing runs where a tool that locks workers is missing; default `best`. */
  requireLayers?: 'all' | 'best';
  log?: SandboxLog;
  /** Only for tests of the process locks: workers accept frames of plain code. */
  raw?: boolean;
}

/** Where the sandbox tells what happens to its workers. */
export type SandboxLog = (level: 'info' | 'warn', message: string, details?: Record<string, unknown>) => void;

/** One call, as the core makes it, with what only tests and tools set. */
export interface RunRequest extends ScriptRun {
  limits?: Partial<SandboxLimits>;
}

export type {
  ScriptEventResult as EventResult,
  ScriptFault,
  ScriptLog,
  ScriptRunResult as RunResult,
  SyntaxFault as SyntaxCheck,
} from '../core/scripts.ts';

/** One means of keeping scripts in, and whether it works on this system. */
export interface Layer {
  name: string;
  active: boolean;
  note: string;
}

/** Counts since start, for metrics. */
export interface SandboxStats {
  workers: number;
  /** Events that run or wait for a worker. */
  underWay: number;
  warmWorkers: number;
  started: number;
  /** Workers ended for time, for memory, for breaking the protocol, or by themselves. */
  killed: { time: number; memory: number; protocol: number; ended: number };
  recycled: number;
  /** Events that were refused for what their script did before. */
  quarantined: number;
  events: number;
  conflicts: number;
  ignoredFrames: number;
}
