import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { FlowsStatus } from '../../contract/flows-status.ts';
import type { Authenticator, NamedKeys } from '../core/access.ts';
import type { Idempotency } from '../core/idempotency.ts';
import type { Invoke } from '../core/invoke.ts';
import type { McpEndpoint } from '../core/mcp-caller.ts';
import type { Open } from '../core/open.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { Registry } from '../core/registry.ts';
import type { Tickets } from '../core/tickets.ts';
import type { ByteBudget } from './memory/byte-budget.ts';
import type { Metrics } from './metrics.ts';
import type { NatsFigures } from './nats-metrics.ts';
import type { RecognitionFigures } from './recognition-metrics.ts';
import type { ScriptStats } from './script-metrics.ts';
import type { StoreFigures } from './store-metrics.ts';
import type { WorkerFigures } from './worker-metrics.ts';

/** Whether calls can be served, and if not why. */
export type Health = { ready: true; warnings?: string[] } | { ready: false; reason: string };

/** What the server writes its log with: a pino logger (see `createLog`), or anything of that form. */
export type ServerLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;

/** Where functions keep state, without an address: pages that show it read the main NATS alone. */
export interface StatePlaces {
  /** Of `$kv`; `bucket` is the one that is used where a call names none. */
  transform: { bucket: string; own_nats: boolean };
  /** Of identify. */
  recognition: { own_nats: boolean };
}

/** What {@link createServer} is given. */
export interface ServerOptions {
  invoke: Invoke;
  open: Open;
  registry: Registry;
  /** Where answers of calls with an Idempotency-Key and tickets are kept. */
  kv: KvStore;
  access: Authenticator & Partial<NamedKeys>;
  /** Origins of pages that may call with any key (CORS); `*` for all. Default: none. */
  corsOrigins?: readonly string[] | undefined;
  /** Asked by /readyz; taken for not ready when it throws or takes more than two seconds. */
  health(): Promise<Health>;
  log: ServerLog;
  /** Without an API key only a loopback host is listened on. */
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Other processes listen there, too (SO_REUSEPORT): the system spreads connections over them. Default: false. */
  reusePort?: boolean | undefined;
  /** Most bytes of a request's body. Default 16 MiB. */
  bodyLimit?: number | undefined;
  /** Bytes that bodies, answers and streams may hold at once. Default: three eighths of the largest heap. */
  memoryBytes?: number | undefined;
  /** Milliseconds that running calls get to end when the server closes. Default 10,000. */
  shutdownGraceMs?: number | undefined;
  /** Milliseconds between signs of life on a quiet watch (15,000), and until a client that does not read is sent away (30,000). */
  watchTimes?: { heartbeatMs: number; slowClientMs: number } | undefined;
  /** Told by /access. Default: all of it on the main NATS. */
  state?: StatePlaces | undefined;
  /** Counts of the workers that run scripts, once there are any; shown by /metrics. */
  scriptStats?: (() => ScriptStats | undefined) | undefined;
  /** What recognition counts, once identify was used; shown by /metrics. */
  recognition?: (() => Promise<RecognitionFigures | undefined>) | undefined;
  /** What becomes of the flows' process; shown by /metrics. */
  flows?: (() => FlowsStatus | Promise<FlowsStatus>) | undefined;
  /** What is wrong with stores; shown by /metrics. */
  stores?: (() => StoreFigures) | undefined;
  /** How the processes behind the port fare; shown by /metrics. */
  workers?: (() => WorkerFigures) | undefined;
  /** The text of /metrics, where other processes are behind the same port. Default: what this one counts. */
  metricsOfAll?: (() => Promise<string>) | undefined;
  /** How the connection to NATS fares; shown by /metrics. */
  nats?: (() => NatsFigures) | undefined;
  /** More route groups, such as watch, /mcp or the dashboard. Access rules and error forms cover them too. */
  plugins?: readonly FastifyPluginAsync[] | undefined;
  /** Makes the endpoint of POST /mcp; undefined: there is none. */
  mcp?: (() => Promise<McpEndpoint>) | undefined;
  /** Serves `GET /` itself, in place of the small start page. */
  homePage?: boolean | undefined;
}

/** A server that is ready to be started. */
export interface Server {
  /** Fastify itself, for `inject` in tests. */
  readonly app: FastifyInstance;
  /** What this process counts, in Prometheus' text format. */
  metrics(): Promise<string>;
  /**
   * Starts listening and answers the URL. Throws PackError INVALID_INPUT for a host that is not loopback while there is no
   * API key; what the system says when the port is taken.
   */
  listen(): Promise<string>;
  /** Takes no more connections, lets what is running end, then closes. Never throws; calling again waits for the same end. */
  close(): Promise<void>;
}

/** What the route groups share. */
export interface ServerParts extends ServerOptions {
  metrics: Metrics;
  idempotency: Idempotency;
  tickets: Tickets;
  budget: ByteBudget;
  /** True once the server is closing: answers then end their connections. */
  draining(): boolean;
}
