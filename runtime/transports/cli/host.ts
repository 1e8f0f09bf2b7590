import type { WrittenBy } from '../../../contract/written-by.ts';
import type { Invoke } from '../../core/invoke.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { LineRun, ScriptLines } from '../../core/scripts.ts';

/** What the command line can reach. Made in runtime/main/cli-host.ts, so that this folder knows of no other. */
export interface CliHost {
  manifest(): Promise<Manifest>;
  /** Runs the server until `signal` is aborted, then stops it cleanly. Throws when it does not start or breaks down. */
  serve(settings: Settings, options: ServeOptions): Promise<void>;
  /** Gets ready for calls: on the server of KVFLOW_URL over HTTP; else joins the NATS of the settings or of a running kvflow, or starts one for as long as needed. */
  connect(settings: Settings, io: HostIo, via?: Via): Promise<Session>;
  /**
   * Gets ready to run a script, as {@link CliHost.connect} does. It need not be known yet: what it will run in starts meanwhile, and
   * NATS is looked for once it is needed.
   */
  connectScript(settings: Settings, io: HostIo): Promise<ScriptSession>;
  /** Speaks MCP on stdin and stdout until the client is gone or `signal` is aborted. */
  mcp(settings: Settings, options: McpOptions): Promise<void>;
  keys(settings: Settings): Promise<Keys>;
  /** Servers that were logged in to. */
  readonly profiles: ProfileStore;
  /** Looks at everything that a start needs, one after the other. */
  check(settings: Settings, io: HostIo): AsyncIterable<Finding>;
  /** Finds what stores have lost, and repairs what can be. */
  doctor(settings: Settings, options: DoctorOptions): AsyncIterable<Finding>;
}

/** Servers that were logged in to; without a name, the one that commands use when nothing says otherwise. */
export interface ProfileStore {
  save(name: string | undefined, profile: { url: string; key?: string }): Promise<{ path: string }>;
  /** Answers whether there was one. */
  remove(name: string | undefined): Promise<boolean>;
}

/** What `kvflow doctor` is to do. */
export interface DoctorOptions extends HostIo {
  /** Put back what snapshots have. */
  repair: boolean;
  /** What is lost is told no more. */
  accept: boolean;
}

/** Environment variables that the command line overrides. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Where a host tells what it is doing. */
export interface HostIo {
  /** Something takes a while: one line at a time, for people. */
  onProgress(line: string): void;
}

/** How calls reach their function: run by this process, or by whichever kvflow serves them on NATS. */
export type Via = 'here' | 'nats';

/** How to speak MCP. */
export interface McpOptions extends HostIo {
  signal: AbortSignal;
  scope: McpScope;
  /** Name of the set of functions that are shown; undefined: the small one. */
  toolset: string | undefined;
}

/** What an agent may do; `*` anywhere in an entry stands for any text. */
export interface McpScope {
  functions: string[];
  buckets: string[];
  readOnly: boolean;
}

/** How to serve. */
export interface ServeOptions extends HostIo {
  /** Aborted: stop cleanly. */
  signal: AbortSignal;
  onReady(server: Ready): void;
}

/** A server that is ready. */
export interface Ready {
  /** Of the invocation API. */
  url: string;
  /** Whether the dashboard is there: it was built. */
  dashboard: boolean;
  /** Whether the flow editor is there: node-red is installed, and flows are not switched off. */
  flows: boolean;
  /** Processes that answer calls. */
  workers: number;
  /** Whether callers need an API key. */
  keysRequired: boolean;
  dataDir: string;
  nats: { kind: 'embedded'; version: string } | { kind: 'joined'; servers: string[]; connected: boolean };
}

/** Calls can be made that run a script. */
export interface ScriptSession extends AsyncDisposable {
  invoke: Invoke;
  /**
   * Runs its lines where it leaves nothing behind, and scripts run in processes of this one's: see {@link ScriptRunner.openLines}.
   * Elsewhere calls run them, and undefined is answered once these can be made. `lines`: what it runs with over lines; undefined where
   * it needs more than its text. Throws INVALID_INPUT, SCRIPT_ERROR.
   */
  openLines?(lines: ScriptLines | undefined): Promise<LineRun | undefined>;
}

/** Calls can be made. */
export interface Session extends AsyncDisposable {
  invoke: Invoke;
  /** A bucket as it is at one moment, as the bytes of a file. */
  backup(bucket: string): AsyncIterable<Uint8Array>;
  /** Makes a bucket of such bytes; undefined: under the name it had. Answers what was restored. */
  restore(file: AsyncIterable<Uint8Array>, options: RestoreOptions): Promise<Restored>;
}

/** How to restore. */
export interface RestoreOptions {
  bucket: string | undefined;
  replicas: number | undefined;
  /** Who restores, as the log of administrative calls has it. */
  by?: WrittenBy;
}

/** What was restored. */
export interface Restored {
  bucket: string;
  /** The bucket that it is a backup of. */
  of: string;
  /** RFC 3339; the moment it shows. */
  at: string;
  messages: number;
}

/** The API keys of a data directory. */
export interface Keys {
  readonly path: string;
  /** `rate` as 100/s or 600/minute. The key's text is answered this once. */
  add(key: NewKey): Promise<{ key: string }>;
  list(): Promise<KeyInfo[]>;
  revoke(name: string): Promise<unknown>;
}

/** What a new key may do. */
export interface NewKey {
  name: string;
  functions: string[] | undefined;
  buckets: string[] | undefined;
  subjects: string[] | undefined;
  destinations: string[] | undefined;
  tables: string[] | undefined;
  namespaces: string[] | undefined;
  flows: boolean | undefined;
  origins: string[] | undefined;
  readOnly: boolean;
  rate: string | undefined;
  /** RFC 3339. */
  expiresAt: string | undefined;
}

/** What is known of a key. */
export interface KeyInfo {
  name: string;
  /** The first characters of the key. */
  prefix: string;
  functions: string[];
  buckets: string[];
  subjects: string[];
  destinations: string[];
  tables: string[];
  namespaces: string[];
  flows: boolean;
  /** Pages that may use it; undefined: those of the setting. */
  origins?: string[] | undefined;
  read_only: boolean;
  rate_limit: { calls: number; per: string } | null;
  expires_at: string | null;
}

/** One line of `kvflow check`. */
export interface Finding {
  what: string;
  ok: boolean;
  /** What was found, or what to do. */
  detail: string;
}
