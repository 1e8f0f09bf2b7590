import type { Config } from '../config/config.ts';
import type { Runtime } from '../main.ts';
import type { FunctionService } from '../nats/service/service.ts';
import type { Log } from '../server/log.ts';
import type { Server, ServerOptions } from '../server/options.ts';
import { createServer } from '../server/server.ts';
import type { Access } from './access.ts';
import { openDashboard } from './dashboard.ts';
import type { OpenFlows } from './flows.ts';
import { statePlaces } from './state-places.ts';

/** What a front is made of. */
export interface FrontOptions extends Pick<ServerOptions, 'health'> {
  access: Access;
  flows: OpenFlows;
  log: Log;
  /** What differs from a kvflow of one process, and figures that are not of the runtime. */
  server?: Partial<ServerOptions>;
}

/** What callers reach of one process. */
export interface Front {
  readonly server: Server;
  /** Whether the dashboard is there: it was built. */
  readonly dashboard: boolean;
  /** Undefined where functions are not served over NATS. */
  readonly service: FunctionService | undefined;
}

/** The HTTP server, which does not listen yet, and the functions as a NATS micro-service. Both end with `running`. */
export async function openFront(
  config: Config,
  runtime: Runtime,
  options: FrontOptions & { running: AsyncDisposableStack },
): Promise<Front> {
  const { registry, invoke, open, nats, scripting } = runtime;
  const { access, flows, log, running } = options;
  const dashboard = openDashboard();
  const server = createServer({
    invoke,
    open,
    registry,
    kv: nats.kv,
    access,
    corsOrigins: config.http.corsOrigins,
    health: options.health,
    nats: () => ({ connected: nats.connected(), reconnects: nats.reconnects() }),
    log: log.logger,
    state: statePlaces(config),
    scriptStats: scripting.stats,
    host: config.http.host,
    port: config.http.port,
    mcp: async () => {
      const { createMcpEndpoint } = await import('../transports/mcp/http.ts');
      return createMcpEndpoint({ registry, open });
    },
    homePage: dashboard.homePage,
    plugins: [...flows.plugins, ...dashboard.plugins],
    ...options.server,
  });
  const service = config.natsService ? await startService(runtime, { access, log, running }) : undefined;
  running.defer(() => server.close());
  return { server, dashboard: dashboard.homePage === false, service };
}

/** Begins when NATS is joined; what it answers at the end leaves before NATS is left. */
async function startService(
  { nats, registry, invoke }: Runtime,
  { log: { logger }, access, running }: { log: Log; access: Access; running: AsyncDisposableStack },
): Promise<FunctionService> {
  const { serveFunctions } = await import('../nats/service/service.ts');
  const log = { info: (line: string) => logger.info(line), warn: (line: string) => logger.warn(line) };
  const service = serveFunctions({
    connection: nats.connection,
    registry,
    invoke,
    log,
    principalOf: access.named,
    spend: access.spend,
  });
  running.defer(() => service.stop());
  return service;
}
