/** Shapes shared by the parts that run inside the script's realm. Types only: nothing here exists at run time. */

import type { ScriptKind } from '../../core/scripts.ts';

export type { ScriptKind } from '../../core/scripts.ts';

/** What a definition tells the realm about its scripts. */
export interface ScriptFlags {
  /** The names the scripts mention, so that what they never use is never made. */
  kv: boolean;
  console: boolean;
  timers: boolean;
  context: boolean;
  more: boolean;
  /** The call may fetch. */
  fetch?: boolean;
  /** They may look at all that they are given at once. */
  spreads?: boolean;
  /** Their handlers take the event and nothing else. */
  alone?: boolean;
  /** They have promises of their own. */
  promises: boolean;
  /** The script has no `return` and is no expression. */
  idle: boolean;
  timeoutMs: number;
  limits: GuestLimits;
  /** Set when the script did not compile: what each of its events answers. */
  error?: { message: string; stack: string };
}

/** The limits the realm keeps by itself; the parent checks what crosses the pipe again. */
export interface GuestLimits {
  logLines: number;
  logBytes: number;
  resultBytes: number;
  eventsOut: number;
  kvOperations: number;
  kvValueBytes: number;
  kvTtlMs: number;
}

/** The compiled script: called once per event. */
export type ScriptMain = (
  event: unknown,
  alias: unknown,
  kv: unknown,
  context: unknown,
  console: unknown,
  timers: TimerGlobals | undefined,
  more: object | undefined,
  another: unknown,
) => unknown;

/** One of the scripts that an event goes through, or a library. */
export interface ScriptUnit {
  kind: ScriptKind;
  main: ScriptMain;
}

/** What a definition of the realm consists of. */
export interface Script {
  flags: ScriptFlags;
  /** An event goes through all of them, in order. */
  units: ScriptUnit[];
  /** By the names they are imported under. */
  libraries: Map<string, ScriptUnit>;
  /** The read-only globals of the scripts. */
  variables: Record<string, unknown>;
  secrets: object;
  /** Blocks of its events that may yet come to nothing before all are run one by one. */
  patience: number;
  /**
   * Whether blocks of its events may leave as lists: not where one went on as it came or says itself what its JSON is, nor where
   * one alone may be larger than a result.
   */
  inLists: boolean;
  /** Characters that an event came to lately. */
  weight: number;
}

/** The timer functions of one event. */
export interface TimerGlobals {
  setTimeout: unknown;
  clearTimeout: unknown;
  setInterval: unknown;
  clearInterval: unknown;
  setImmediate: unknown;
  clearImmediate: unknown;
  queueMicrotask: unknown;
}

/** One event while it runs. */
export interface EventState {
  id: number;
  open: boolean;
  flags: ScriptFlags;
  /** When it has to be done, in ms; moved on by the time spent waiting for the key-value store. */
  deadline: number;
  /** `$kv` reads under way, and since when. */
  waiting: number;
  waitingSince: number;
  /** Calls of `$kv` that are not at their end yet, awaited or not, and who hears that none is left. */
  kvPending: number;
  kvIdle: (() => void) | undefined;
  /** Where the event came from, where that is known and the script may ask. */
  geo: { ip: string; jitsu: object; rudder: object } | undefined;
  logs: [level: string, message: string][];
  logBytes: number;
  /** Final writes: `[key, json or null, ttlMs]`. */
  writes: Map<string, [string | null, number]> | undefined;
  reply: ((op: number, status: number, value: unknown, expiresAt: number) => void) | undefined;
  /** Its `$kv`, once it was asked for. */
  kv: object | undefined;
  /** Its `fetch`, once it was asked for, and who hears of what came of it. */
  fetch: ((url: unknown, options?: unknown) => Promise<unknown>) | undefined;
  fetched: ((op: number, status: number, value: unknown) => void) | undefined;
}

/** What the realm hands back to its host: strings in, strings out. */
export interface GuestRuntime {
  define(id: number, flags: string, variables: unknown, secrets: unknown): void;
  /** Adds a script to a definition, or a library where it has a name. */
  add(id: number, main: ScriptMain, kind: string, library: string): void;
  /** Adds a package that scripts may import: `make` makes it of a function that imports others. */
  addPackage(name: string, make: unknown, isFresh: boolean): void;
  forget(id: number): void;
  run(json: string): void;
  /** Starts events of the oldest frame, until about that time in ms; true while there are more, of it or of others. */
  step(until: number): boolean;
  reply(json: string): void;
  abort(json: string): void;
  /** Fires due timers and ends events past their deadline. */
  tick(): void;
  /** Ms until `tick` is wanted, -1 when nothing waits. */
  due(): number;
  /** The next output frame, with its kind before it; `""` when there is none. */
  drain(): string;
  /** The next part of the list that the last frame began; `""` when there is none. All but the first belong into the list before them. */
  part(): string;
  /** A promise was rejected and nobody saw it. */
  rejected(text: string): void;
}
