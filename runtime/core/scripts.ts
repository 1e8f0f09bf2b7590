/** What functions may ask of whoever runs users' scripts. */
import type { ErrorCode } from '../../contract/errors.ts';
import type { JsonLines } from './json-lines.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { SecretBox } from './secret-box.ts';

/** A value as `$kv` stores it: its JSON text, undefined of a key that was deleted, and the revision it was read at. */
export interface ScriptKvEntry {
  json: string | undefined;
  /** Milliseconds since 1970; undefined: it stays. */
  expiresAt?: number | undefined;
  /** Any number above 0 that changes with each write of the key. */
  revision: number;
}

/** One final write of an event. */
export interface ScriptKvWrite {
  key: string;
  /** JSON text; null deletes the key. */
  json: string | null;
  /** Time to live in milliseconds from now; 0 means no expiry. */
  ttlMs: number;
  /**
   * The revision the event read: write only if it still is the last. 0: the event found no value, write only if
   * there still is none. Undefined: the event never read the key, write whatever is there.
   */
  expected: number | undefined;
}

/** A key that an event only read: its commit holds only if the key is at this revision still; 0: holds no value. */
export interface ScriptKvCheck {
  key: string;
  revision: number;
}

/** What became of a commit. */
export type ScriptKvCommit =
  /** All written; `revisions` has the new revision of each key, as far as known. */
  | { ok: true; revisions: Map<string, number> }
  /** Nothing written: somebody else wrote these keys in between. Empty: some of them. */
  | { ok: false; keys: string[] };

/**
 * The key-value store behind `$kv`: bound to one namespace already, keys any text of up to 1024 bytes. Calls end by
 * themselves; a PackError they throw becomes the script's error.
 */
export interface ScriptKv {
  /** Names the store and the namespace: calls with the same id share keys. */
  id: string;
  /**
   * Asked once in a call, before a script gets anything from the store or from what is remembered of it: throws where the
   * caller may not use it. Undefined, and the default: may.
   */
  open?(): Promise<void> | undefined;
  /**
   * Another where the bucket may be another, made again under its name: what was remembered of its keys is void.
   * Undefined: not known right now, nothing may be remembered. A store without it never changes.
   */
  incarnation?(): string | undefined;
  /** The value now (not from a cache), undefined where there is no trace of the key. */
  get(key: string): Promise<ScriptKvEntry | undefined>;
  /** Stores all writes or none, and only if all checks hold; without writes it only says whether they do. */
  commit(writes: ScriptKvWrite[], checks?: ScriptKvCheck[]): Promise<ScriptKvCommit>;
}

/** A request that a script makes of another server. */
export interface ScriptFetchRequest {
  url: string;
  /** In capital letters. */
  method: string;
  headers: [name: string, value: string][];
  /** Text, or bytes in base64; neither: no body. */
  body?: string;
  body64?: string;
  redirect: 'follow' | 'manual' | 'error';
  /** How long an answer may be kept, in milliseconds. Default: it is not. */
  ttlMs?: number;
}

/** What came of it. */
export interface ScriptFetchResponse {
  status: number;
  statusText: string;
  headers: [name: string, value: string][];
  /** Where it came from, after redirects. */
  url: string;
  redirected: boolean;
  /** Text where it is UTF-8, else bytes in base64. */
  body?: string;
  body64?: string;
}

/** Fetches for scripts. What it throws is a PackError with a message for the author of the script. */
export type ScriptFetch = (request: ScriptFetchRequest, signal: AbortSignal) => Promise<ScriptFetchResponse>;

/** One call: a script and the events it runs over. */
export interface ScriptRun {
  /** The script; or `scripts`. */
  script?: string;
  /** A chain: what one script makes of an event goes through the next. */
  scripts?: readonly string[];
  /** The texts of the libraries that they import, by the names they import them under (`lib:name@3`). */
  libraries?: Readonly<Record<string, string>>;
  /** The script takes all events of the call at once: they are one transaction, and fail together. */
  batch?: boolean;
  /** The events as values; or give `lines`. */
  events?: readonly unknown[];
  /** The events as JSON, one object each. They are passed on unread, and results answer `texts` in the same way. */
  lines?: JsonLines;
  /** What came of `lines` may come `joined`: cheaper where there are many. */
  joined?: boolean;
  /** The tenant: scripts of different namespaces never share a process at the same time. */
  namespace: string;
  /** Calls of a namespace that give this share a worker, and a refusal of their script, with those alone that give the same. Default: all share. */
  apart?: string;
  /** Who calls: workers are shared out fairly among tenants, then among their namespaces. Default: the namespace. */
  tenant?: string;
  /** Read-only globals of the script. */
  variables?: Record<string, unknown>;
  destinationId?: string;
  destinationType?: string;
  /** Per event, in milliseconds, waits for `$kv` not counted. Default 1000. */
  timeoutMs?: number;
  /** The store behind `$kv`. */
  kv?: ScriptKv;
  /** Secrets that scripts find in `$secrets`, by name. Whoever calls masks them in what comes back. */
  secrets?: Readonly<Record<string, string>>;
  /** What fetches for the scripts. Default: nothing, they may not. */
  fetch?: ScriptFetch;
  /** Requests that the call may make; default 1000. */
  fetchBudget?: number;
  /**
   * An event that fails ends the call: those before it are done as always, nothing of those behind it is stored, in order.
   * Default: each event for itself.
   */
  stopOnError?: boolean;
  /** `Date.now()` at which the call ends: events that are not done by then answer TIMEOUT. Default: never. */
  deadline?: number;
  /** Ends the call at once, as when its caller is gone: events that are not done answer TIMEOUT. */
  signal?: AbortSignal;
}

/** Why one event failed. */
export interface ScriptFault {
  code: ErrorCode;
  message: string;
  /** Lines of the user's own script, such as `at main (2:7)`. */
  stack?: string;
  /** The limit that was exceeded, by its name. */
  limit?: string;
  /** Nothing was run: when it may be, in milliseconds. */
  retry_after_ms?: number;
}

/** What became of one event. */
export interface ScriptEventResult {
  index: number;
  outcome: 'ok' | 'skipped' | 'error';
  /** What it became; empty in a call of lines. */
  events: Record<string, unknown>[];
  /** What it became, as JSON, each on one line: in a call of lines. */
  texts?: string[];
  /** In the place of `texts`, with the first of some events: what all of them became, each on a line that a line break ends. */
  joined?: string;
  /** How many it became, where its texts are `joined`. */
  count?: number;
  error?: ScriptFault;
}

/** What a call gives: a result per event, in the order of the events, and what was logged. */
export interface ScriptRunResult {
  results: ScriptEventResult[];
  logs: ScriptLog[];
  /** What the author of the script should know. */
  warnings: string[];
}

/** One line a script logged. */
export interface ScriptLog {
  index: number;
  level: string;
  message: string;
}

/** Where a script has a syntax error: line and column count from 1. */
export interface SyntaxFault {
  message: string;
  line: number;
  column: number;
  /** Nothing is wrong with the syntax, but every event would be skipped: no `return`, and no expression. */
  neverReturns?: boolean;
}

/** How a script takes its events, as its worker found it; see docs/transform. */
export type ScriptKind =
  | 'classic'
  | 'function'
  | 'default'
  | 'rudder'
  | 'rudder-batch'
  | 'segment'
  | 'segment-batch'
  | 'library';

/** A script that is to run over any number of lines, see {@link ScriptRunner.openLines}. */
export type ScriptLines = Pick<
  ScriptRun,
  'script' | 'namespace' | 'variables' | 'destinationId' | 'destinationType' | 'timeoutMs'
>;

/** Lines as they came, the last without its line break, and how many. */
export interface RawLines {
  bytes: Uint8Array;
  count: number;
}

/** What lines became, in UTF-8: each on a line that a line break ends, and how many. */
export interface MadeLines {
  text: Uint8Array;
  count: number;
  /** Nobody reads the text any more: its memory is for others. */
  release?(): void;
}

/** Runs some lines after the other, as many at once as are given. */
export interface LineRun {
  /**
   * What they became. Undefined where something has to be told of one of
   * them, or a line is no object or no UTF-8: nothing has come of it, and they are to be run event by event.
   */
  run(lines: RawLines): Promise<MadeLines | undefined>;
  /** False once its events are better run one by one. */
  isOpen(): boolean;
  /** How many runs at once are worth it. Default: eight. */
  width?: number;
}

/** Runs users' scripts over events, kept away from everything else. */
export interface ScriptRunner {
  run(request: ScriptRun): Promise<ScriptRunResult>;
  /** For a script that leaves nothing behind: no `$kv`, nothing logged. Undefined where it may, or the runner has no such way. */
  openLines?(request: ScriptLines): LineRun | undefined;
  /** The first syntax error of a script, or where it ends without ever returning; undefined when it has none. Nothing of it is run. */
  check(script: string, variables?: string[]): Promise<SyntaxFault | undefined>;
  /** How a script takes its events; undefined where it has a syntax error. */
  kindOf(script: string): Promise<ScriptKind | undefined>;
}

/** All that `transform` needs beside the KV port; made when it is first asked for. */
export interface Scripting {
  runner: ScriptRunner;
  /** Where `$kv` keeps its values: the main NATS, or TRANSFORM_NATS_URL. */
  kv: KvStore;
  /** Bucket of `$kv` unless the call names another. */
  bucket: string;
  /** Where kvflow keeps what is its own, whoever calls. Default: the caller's store. */
  state?: KvStore;
  /** What encrypts secrets; undefined: there is no key, and there are none. */
  secrets?: SecretBox;
  /** What fetches for scripts; undefined: they may not. */
  fetch?: ScriptFetch;
  /** Requests that the scripts of one call may make. */
  fetchBudget?: number;
  /** What becomes of a script that is stored with tests that fail. Default: it is refused. */
  failingTests?: 'refuse' | 'warn';
}
