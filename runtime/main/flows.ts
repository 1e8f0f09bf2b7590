import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Authenticator } from '../core/access.ts';
import type { Flows } from '../flows/flows.ts';
import { createFlows } from '../flows/flows.ts';
import type { Runtime } from '../main.ts';
import type { Log } from '../server/log.ts';

/** What the flow editor works with. */
export interface OpenFlowsOptions {
  config: Config;
  runtime: Runtime;
  access: Authenticator;
  log: Log;
}

/** Node-RED inside this kvflow, its files in the data directory. */
export function openFlows({ config, runtime, access, log: { logger } }: OpenFlowsOptions): Flows {
  return createFlows({
    userDir: join(config.dataDir, 'flows'),
    access,
    log: {
      info: line => logger.info(line),
      warn: line => logger.warn(line),
      error: line => logger.error(line),
    },
    invoke: runtime.invoke,
    joinNats: async settings => (await import('./join-nats.ts')).joinNats(settings),
  });
}
