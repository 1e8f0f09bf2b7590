import { PackError } from '../../../contract/errors.ts';
import type { Config } from '../../config/config.ts';
import { mergeMetrics } from '../../core/metrics/merge.ts';
import { parseMetrics, writeMetrics } from '../../core/metrics/parse.ts';
import type { Runtime } from '../../main.ts';
import { createMetrics } from '../../server/metrics.ts';
import { metricsText } from '../../server/metrics-text.ts';
import type { Access } from '../access.ts';
import { createAccess, recordKeys } from '../access.ts';
import { startBackground } from '../background.ts';
import type { OpenFlows } from '../flows.ts';
import { openFlows } from '../flows.ts';
import { readyOf } from '../ready.ts';
import { recognitionFigures } from '../recognition-figures.ts';
import type { StartOptions } from '../start-options.ts';
import { startRuntime } from '../start-runtime.ts';
import { startMetrics, startTelemetry } from '../telemetry.ts';
import { untilJoined } from '../until-joined.ts';
import type { LeaderCalls, Shared, WorkerOrder } from './calls.ts';
import { createCrew } from './crew.ts';
import { requireSharing } from './require-sharing.ts';
import { settledPort } from './settled-port.ts';

/**
 * Runs kvflow as several processes behind one port: this one owns the embedded NATS, the flows and what is done for all
 * callers; workers answer calls. One that ends costs its calls in flight and is replaced.
 */
export async function lead(
  config: Config,
  options: StartOptions,
  running: AsyncDisposableStack,
): Promise<void> {
  requireSharing(config);
  const { env, log } = options;
  const crew = createCrew(config.workers, log);
  running.defer(crew.stop);
  const runtime = await startRuntime(config, options, running);
  const { nats, recognition } = runtime;
  const endTelemetry = await startTelemetry(env, runtime.registry.version);
  if (endTelemetry) running.defer(endTelemetry);
  const own = await createAccess(config, log, { onKeys: keys => recordKeys(runtime, config, keys) });
  const issued = new Set<string>();
  const access = sharing(own, issued, () => crew.share(shared()));
  let url = '';
  const flows = openFlows({ config, env, access, apiUrl: () => url, log });
  const { stores, lookAround } = await startBackground(config, runtime, { log, running });
  const port = await settledPort(config.http);
  const counts = createMetrics();
  const calls: LeaderCalls = {
    ...callsOf({ runtime, access, flows, onFlows: () => void crew.share(shared()) }),
    storeWarnings: stores.warnings,
    metrics,
  };
  // Again, so that calls in flight end before what they need does.
  running.defer(crew.stop);
  running.defer(() => flows.close());
  const started = await crew.lead({ order, calls });
  url = started.url;
  if (runtime.origin.kind === 'embedded') await runtime.origin.publish({ httpUrl: url });
  await untilJoined(nats, options);
  const endMetrics = await startMetrics(env, runtime.registry.version, metrics);
  if (endMetrics) running.defer(endMetrics);
  lookAround();
  options.signal.throwIfAborted();
  const about = { url, dashboard: started.dashboard, workers: config.workers, access, flows };
  options.onReady(readyOf(config, runtime, about));
  await flows.resume();
  await crew.share(shared());

  function order(): WorkerOrder {
    const { locate: _ours, ...settings } = runtime.origin.settings;
    const embedded = runtime.origin.kind === 'embedded';
    return {
      config: { ...config, http: { ...config.http, port } },
      nats: settings,
      embedded,
      shared: shared(),
    };
  }

  function shared(): Shared {
    return { locked: own.required(), issued: [...issued], flowsBegun: flows.begun() };
  }

  async function metrics(): Promise<string> {
    const [ours, workers] = await Promise.all([
      metricsText({
        metrics: counts,
        recognition: () => recognitionFigures(recognition),
        flows: flows.installed ? flows.status : undefined,
        stores: stores.figures,
        workers: crew.figures,
        nats: () => ({ connected: nats.connected(), reconnects: nats.reconnects() }),
      }),
      crew.metrics(),
    ]);
    return writeMetrics(mergeMetrics([parseMetrics(ours), ...workers]));
  }
}

/** Tells workers of each key that is issued: `known` settles when they know it. */
function sharing(access: Access, issued: Set<string>, tell: () => Promise<void>): Access {
  return {
    ...access,
    issue: () => {
      const key = access.issue();
      issued.add(key.hash);
      const known = tell();
      const withdraw = (): void => {
        key.withdraw();
        issued.delete(key.hash);
        void tell();
      };
      return { ...key, known, withdraw };
    },
  };
}

function callsOf({
  runtime,
  access,
  flows,
  onFlows,
}: CallParts): Omit<LeaderCalls, 'metrics' | 'storeWarnings'> {
  const { origin } = runtime;
  return {
    flowsUp: async () => {
      try {
        const { address } = await flows.up();
        return { address };
      } finally {
        onFlows();
      }
    },
    flowsMode: async mode => {
      await flows.setMode(mode);
      onFlows();
    },
    flowsStatus: async () => flows.status(),
    spend: async (name, calls) => {
      const principal = access.named(name);
      // A key that was revoked this moment: the worker will see it, too.
      if (principal) await access.spend(principal, calls);
    },
    whereabouts: async () => {
      const found = await origin.settings.locate?.();
      if (!found) throw new PackError('UNAVAILABLE', 'The embedded nats-server is not there.');
      return found;
    },
  };
}

interface CallParts {
  runtime: Runtime;
  access: Access;
  flows: OpenFlows;
  onFlows(): void;
}
