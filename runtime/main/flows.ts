import { extname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import type { Authenticator, KeyIssuer } from '../core/access.ts';
import type { Flows } from '../flows/flows.ts';
import { createFlows } from '../flows/flows.ts';
import type { KeptFlows } from '../flows/flows-options.ts';
import type { Log } from '../server/log.ts';
import type { ServerOptions } from '../server/options.ts';
import { flowsRoute } from '../server/routes/flows.ts';
import { flowsProcessRoute } from '../server/routes/flows-process.ts';

/** What the flow editor works with. */
export interface OpenFlowsOptions {
  config: Config;
  /** The environment of kvflow. */
  env: Env;
  access: Authenticator & KeyIssuer;
  /** Where this kvflow is called, once it listens. */
  apiUrl(): string;
  log: Log;
  /** Where another process of this kvflow runs it. */
  elsewhere?: KeptFlows;
}

/** The flow editor and the routes that lead to it. */
export interface OpenFlows extends Flows {
  plugins: NonNullable<ServerOptions['plugins']>;
}

// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `flows-child${extname(import.meta.filename)}`);

/** Node-RED beside this kvflow, its files in the data directory. */
export function openFlows(options: OpenFlowsOptions): OpenFlows {
  const { config, env, access, apiUrl, elsewhere } = options;
  const { logger } = options.log;
  const flows = createFlows({
    entry: ENTRY,
    userDir: join(config.dataDir, 'flows'),
    access,
    apiUrl,
    env: withoutSecrets(env, new Set(config.fileVariables)),
    mode: config.flows,
    memoryMb: config.flowsMemoryMb,
    elsewhere,
    log: {
      info: line => logger.info(line),
      warn: line => logger.warn(line),
      error: line => logger.error(line),
    },
  });
  return { ...flows, plugins: [flowsRoute(flows, access), flowsProcessRoute(flows)] };
}

/** Settings of kvflow, whatever they are called: flows keep the rest of the environment, which is what they were given. */
const OURS = /^(KVFLOW|NATS|TRANSFORM|USER_RECOGNITION)_/;

function withoutSecrets(env: Env, read: ReadonlySet<string>): Env {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !OURS.test(name) && !read.has(name.replace(/_FILE$/, ''))),
  );
}
