import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import { parseMetrics } from '../core/metrics/parse.ts';
import type { ServeOptions } from '../transports/cli/host.ts';
import { startBase } from './base.ts';
import { watchForBreakdown } from './breakdown.ts';
import { listenFault } from './faults.ts';
import { recognitionFigures } from './recognition-figures.ts';
import type { StartOptions } from './start-options.ts';
import { aborted } from './start-options.ts';
import { createHealth } from './stores/health.ts';

/**
 * Runs the server until the signal, or until something breaks down that it cannot go on without: that is logged, and
 * thrown after everything was stopped. The order of the end: HTTP finishes what is in flight, NATS is left, the
 * embedded server ends, the data directory is given back, the log is written out.
 */
export async function serve(config: Config, env: Env, options: ServeOptions): Promise<void> {
  const { createLog } = await import('../server/log.ts');
  const log = createLog({ level: config.logLevel });
  await using running = new AsyncDisposableStack();
  running.defer(log.flush);
  const breakdown = running.use(watchForBreakdown(log.logger));
  const all = { ...options, env, log, fail: breakdown.fail };
  try {
    for (const warning of config.warnings) log.logger.warn(warning);
    if (config.workers === 1) await start(config, all, running);
    else await (await import('./workers/lead.ts')).lead(config, all, running);
    await Promise.race([aborted(options.signal), breakdown.happened]);
  } catch (error) {
    // Stopped before it was ready: what the interrupted start threw is of no interest to anybody.
    if (!options.signal.aborted) throw error;
  }
}

/** All of it in this process. */
async function start(config: Config, options: StartOptions, running: AsyncDisposableStack): Promise<void> {
  const loading = import('./front.ts');
  loading.catch(() => undefined);
  const { runtime, access, flows, stores, ready } = await startBase(config, options, running);
  const { openFront } = await loading;
  const { nats, recognition } = runtime;
  const { server, dashboard, service } = await openFront(config, runtime, {
    access,
    flows,
    log: options.log,
    running,
    health: createHealth({ nats, warnings: stores.warnings }),
    server: {
      stores: stores.figures,
      workers: () => ({ workers: 1, restarts: 0 }),
      recognition: () => recognitionFigures(recognition),
      flows: flows.installed ? flows.status : undefined,
    },
  });
  running.defer(() => flows.close());
  const url = await server
    .listen()
    .catch((error: NodeJS.ErrnoException) => Promise.reject(listenFault(error, config.http)));
  const metrics = async () => parseMetrics(await server.metrics());
  await ready({ url, dashboard, workers: 1, metrics, serviceStarted: service?.started });
}
