import type { Config } from '../config/config.ts';
import type { Runtime } from '../main.ts';
import { createRuntime } from '../main.ts';
import type { NatsOrigin } from './find-nats.ts';
import type { StartOptions } from './start-options.ts';

/** Everything behind the transports of a server; `origin`: a NATS that another process found. Ends with `running`. */
export async function startRuntime(
  config: Config,
  options: Pick<StartOptions, 'env' | 'log' | 'onProgress' | 'signal'> & { origin?: NatsOrigin },
  running: AsyncDisposableStack,
): Promise<Runtime> {
  const { env, log, onProgress, signal, origin } = options;
  const runtime = await createRuntime(config, {
    env,
    log: log.logger,
    onProgress,
    signal,
    ...(origin && { origin }),
    onError: (error, invocation, name) => {
      if (error.code === 'INTERNAL')
        log.logger.error({ err: error.cause ?? error, invocation, function: name }, 'INTERNAL');
    },
  });
  return running.use(runtime);
}
