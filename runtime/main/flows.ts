import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Authenticator } from '../core/access.ts';
import type { Flows } from '../flows/flows.ts';
import { createFlows } from '../flows/flows.ts';
import type { Runtime } from '../main.ts';
import type { Log } from '../server/log.ts';
import type { ServerOptions } from '../server/options.ts';
import { flowsRoute } from '../server/routes/flows.ts';

/** What the flow editor works with. */
export interface OpenFlowsOptions {
  config: Config;
  runtime: Runtime;
  access: Authenticator;
  log: Log;
}

/** The flow editor and the routes that lead to it. */
export interface OpenFlows extends Flows {
  plugins: NonNullable<ServerOptions['plugins']>;
}

/** Node-RED inside this kvflow, its files in the data directory. */
export function openFlows({ config, runtime, access, log: { logger } }: OpenFlowsOptions): OpenFlows {
  const flows = createFlows({
    userDir: join(config.dataDir, 'flows'),
    access,
    mode: config.flows,
    log: {
      info: line => logger.info(line),
      warn: line => logger.warn(line),
      error: line => logger.error(line),
    },
    invoke: runtime.invoke,
    joinNats: async settings => (await import('./join-nats.ts')).joinNats(settings),
  });
  return { ...flows, plugins: [flowsRoute(flows, access)] };
}
