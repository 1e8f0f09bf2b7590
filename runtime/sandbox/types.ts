import type { ErrorCode } from '../core/errors.ts';
import type { ScriptKv } from './ports.ts';

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
}

/** How the worker pool is set up. All optional. */
export interface SandboxOptions {
  /** Workers at the same time, the warm one not counted; default twice the cores, at least 4. */
  maxWorkers?: number;
  /** Workers one namespace may use at the same time; default half the cores, at least 1. */
  maxPerNamespace?: number;
  /** Locked workers kept ready for the next namespace; default 1. */
  spares?: number;
  /** Memory a worker may take beyond its start, in MB; default 128. */
  memoryMb?: number;
  /** A worker without work for this long ends, in ms; default 60000. */
  idleMs?: number;
  /** How long a script that keeps killing its worker is refused, in ms; default 30000. */
  parkMs?: number;
  limits?: Partial<SandboxLimits>;
  log?: SandboxLog;
  /** Only for tests of the process locks: workers accept frames of plain code. */
  raw?: boolean;
}

/** Where the sandbox tells what happens to its workers. */
export type SandboxLog = (level: 'info' | 'warn', message: string, details?: Record<string, unknown>) => void;

/** One call: a script and the events it runs over. */
export interface RunRequest {
  script: string;
  /** Any JSON values; usually objects. */
  events: readonly unknown[];
  /** The tenant: a worker serves one at a time, and is ended rather than handed to another. */
  namespace: string;
  /** Read-only globals of the script. */
  variables?: Record<string, unknown>;
  destinationId?: string;
  destinationType?: string;
  /** Per event, in ms, waits for `$kv` not counted; default 1000. */
  timeoutMs?: number;
  limits?: Partial<SandboxLimits>;
  /** The store behind `$kv`; without it `$kv` answers with an error. */
  kv?: ScriptKv;
  /** Ends the call early: events not done answer TIMEOUT. */
  signal?: AbortSignal;
}

/** Why one event failed. */
export interface ScriptFault {
  code: ErrorCode;
  message: string;
  /** Lines of the user's own script: `  at main (2:7)`. */
  stack?: string;
  /** The limit that was exceeded, by its name. */
  limit?: string;
}

/** What became of one event. */
export interface EventResult {
  index: number;
  outcome: 'ok' | 'skipped' | 'error';
  events: Record<string, unknown>[];
  error?: ScriptFault;
}

/** One line a script logged. */
export interface ScriptLog {
  index: number;
  level: string;
  message: string;
}

/** What a call gives: a result per event, in the order of the events. */
export interface RunResult {
  results: EventResult[];
  logs: ScriptLog[];
}

/** Where a script has a syntax error: line and column count from 1. */
export interface SyntaxCheck {
  message: string;
  line: number;
  column: number;
}

/** One means of keeping scripts in, and whether it works on this system. */
export interface Layer {
  name: string;
  active: boolean;
  note: string;
}

/** Counts since start, for metrics. */
export interface SandboxStats {
  workers: number;
  spares: number;
  started: number;
  /** Workers ended for time, for memory, for breaking the protocol, or by themselves. */
  killed: { time: number; memory: number; protocol: number; ended: number };
  recycled: number;
  parked: number;
  events: number;
  conflicts: number;
  ignoredFrames: number;
}
