import type { DestinationType } from '../../contract/destination-types.gen.ts';
import type { NatsTarget } from '../../contract/nats-target.ts';

/** Everything the environment and the config file can say, parsed and checked. Paths are absolute. */
export interface Config {
  /** The config file that was read; undefined: there was none. */
  file: string | undefined;
  dataDir: string;
  logLevel: LogLevel;
  http: HttpConfig;
  /** Processes that answer calls, at least 1. */
  workers: number;
  /** The NATS to join; undefined: kvflow runs its own. */
  nats: NatsTarget | undefined;
  embedded: EmbeddedConfig;
  backups: BackupsConfig;
  /** Whether `kvflow start` serves every function as a NATS micro-service. */
  natsService: boolean;
  /** Whether flows run: `safe` starts the editor alone, `off` nothing. */
  flows: (typeof FLOWS_MODES)[number];
  /** Most MiB of the heap of the flows' process; undefined: what Node takes. */
  flowsMemoryMb: number | undefined;
  transform: TransformConfig;
  copy: CopyConfig;
  usersRecognition: UsersRecognitionConfig;
  /** Warehouses by the name that functions use for them. */
  destinations: Record<string, Destination>;
  /** What is likely a mistake and yet no reason to stop, such as a variable whose name is almost a known one. */
  warnings: string[];
  /** Names of the variables that the config file put in: they may hold secrets of kvflow. */
  fileVariables: string[];
}

/** Snapshots of buckets that kvflow takes by itself. */
export interface BackupsConfig {
  /** Hours between two of a bucket that changes; 0: none are taken. Default: 24 with the embedded NATS, else 0. */
  everyHours: number | undefined;
  /** How many of a bucket are kept. */
  keep: number;
  /** Most bytes of all together; the oldest go first. */
  maxBytes: number;
  /** None is taken where the disk has less left. */
  minFreeBytes: number;
}

/** Every mode of flows. */
export const FLOWS_MODES = ['on', 'safe', 'off'] as const;

/** How much is logged; each level includes those before it. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every {@link LogLevel}, from the fewest lines to the most. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Where the invocation API listens. */
export interface HttpConfig {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Full-access API keys, beside those of `kvflow keys`. Secret. */
  apiKeys: string[];
  /** Origins of pages that may call (CORS); `*` for all. */
  corsOrigins: string[];
}

/** The nats-server that kvflow runs itself. */
export interface EmbeddedConfig {
  /** Path of the nats-server to run; undefined: one is looked for. */
  serverBin: string | undefined;
  /** `always`, or the time between two syncs, such as `1s`. */
  sync: string;
}

/** Where scripts of `transform` keep their state. */
export interface TransformConfig {
  /** Undefined: the main NATS. */
  nats: NatsTarget | undefined;
  bucket: string;
  /** Default time-to-live of a key, in seconds. */
  ttlSec: number;
  /** Time zone that scripts run in. */
  timeZone: string;
  /** `all`: scripts run only where no means of keeping them in is missing; `best`: with those there are. */
  requireLayers: 'all' | 'best';
  /** What keeps scripts from each other within a process. */
  engine: 'vm2' | 'context';
  /** What becomes of a script that is stored with tests that fail. */
  failingTests: 'refuse' | 'warn';
  /** 32 bytes in hex, by which secrets of scripts are encrypted; undefined: there are none. */
  secretsKey: string | undefined;
  /** What scripts may fetch. */
  fetch: FetchConfig;
  /** MaxMind's file; undefined: scripts are not told where events came from. */
  geoFile: string | undefined;
  /** What scripts may use up. */
  limits: ScriptUsageConfig;
}

/** What the scripts of one call, and of one API key (without keys: of one namespace) in a minute, may use up; 0 of a minute: no bound. */
export interface ScriptUsageConfig {
  /** Milliseconds of processor time. */
  cpuMsPerCall: number;
  /** Operations of `$kv`. */
  kvPerCall: number;
  cpuMsPerMinute: number;
  kvPerMinute: number;
}

/** Where items may be sent to. */
export interface CopyConfig {
  /** Hosts of other kvflows, as {@link FetchConfig} has them; none: nowhere. */
  hosts: string[];
  /** They may be in a private network or on this machine. */
  private: boolean;
}

/** What scripts may fetch from other servers. */
export interface FetchConfig {
  /** Such as `api.example.com`, `*.example.com`, `api.example.com:8443`; none: nothing. */
  hosts: string[];
  /** Of one answer. */
  maxBytes: number;
  /** Of one request, its redirects included. */
  timeoutMs: number;
  /** Requests of one call. */
  perCall: number;
}

/** How users are recognized retroactively. */
export interface UsersRecognitionConfig {
  enabled: boolean;
  /** Undefined: the main NATS. */
  nats: NatsTarget | undefined;
  /** How long an anonymous event is remembered, in minutes. */
  ttlMinutes: number;
  /** Where in an event the anonymous id is. */
  anonymousIdNode: string;
  /** Where in an event the user's identity is; alternatives with `||`. */
  identificationNodes: string[];
  /** Values that name nobody; empty text and ids of zeros never do. */
  noIdentityValues: string[];
  /** Where in an event the user agent is, which tells robots. */
  userAgentNode: string;
  /** Where in an event it says when it happened. */
  timestampNode: string;
  normalize?: string[];
  /** Seconds after which a call that was left unfinished is finished by any process. */
  reconcileAfterSec: number;
}

/** One warehouse to load and amend. */
export interface Destination {
  type: DestinationType;
  /** Where it is, credentials included: secret. */
  url?: string;
  schema?: string;
  table?: string;
  /** Tables that events may name with JITSU_TABLE_NAME beside it, and API keys without rights to tables of their own. */
  tables?: string[];
  /** Table that dead letters are written to as well. */
  rejectedTable?: string;
  primaryKeyFields?: string[];
  /** Most connections of one process to it. */
  poolSize?: number;
  /** What is done with values that do not fit their columns. Default: `auto`. */
  misfits?: MisfitPolicy;
  misfitsByColumn?: Record<string, MisfitPolicy>;
  /** Whether `warehouse-query` may read it. Default: false. */
  query?: boolean;
  /** How columns are named. Default: `plain`. */
  naming?: (typeof NAMINGS)[number];
  nulls?: (typeof NULL_POLICIES)[number];
}

/** Ways to name columns. */
export const NAMINGS = ['plain', 'snake', 'exact'] as const;

/** What a null in an event does to a column that has a value. */
export const NULL_POLICIES = ['keep', 'clear'] as const;

/** `auto`: the column is widened within numbers and times, any other value kept beside its row. */
export type MisfitPolicy = (typeof MISFIT_POLICIES)[number];

/** Every {@link MisfitPolicy}. */
export const MISFIT_POLICIES = ['auto', 'widen', 'keep_aside', 'refuse'] as const;
