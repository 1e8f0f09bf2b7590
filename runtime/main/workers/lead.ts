import { PackError } from '../../../contract/errors.ts';
import type { Config } from '../../config/config.ts';
import { mergeMetrics } from '../../core/metrics/merge.ts';
import { type Family, parseMetrics, writeMetrics } from '../../core/metrics/parse.ts';
import type { Runtime } from '../../main.ts';
import { createMetrics } from '../../server/metrics.ts';
import { metricsText } from '../../server/metrics-text.ts';
import { RECOGNITION_METRICS } from '../../server/recognition-metrics.ts';
import type { Access } from '../access.ts';
import { startBase } from '../base.ts';
import type { OpenFlows } from '../flows.ts';
import { recognitionFigures } from '../recognition-figures.ts';
import type { StartOptions } from '../start-options.ts';
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
  const crew = createCrew(config.workers, options.log);
  running.defer(crew.stop);
  const issued = new Set<string>();
  const share = (own: Access): Access => sharing(own, issued, () => crew.share(shared()));
  const { runtime, access, flows, stores, ready } = await startBase(config, { ...options, share }, running);
  const { nats, recognition, origin } = runtime;
  const port = await settledPort(config.http);
  const counts = createMetrics();
  const calls: LeaderCalls = {
    ...callsOf({ runtime, access, flows, onFlows: () => void crew.share(shared()) }),
    storeWarnings: stores.warnings,
    metrics: async () => writeMetrics(await metrics()),
  };
  // Again, so that calls in flight end before what they need does.
  running.defer(crew.stop);
  // A worker serves them as soon as it listens, whether or not the others do.
  running.defer(() => flows.close());
  const started = await crew.lead({ order, calls });
  await ready({ ...started, workers: config.workers, metrics });

  function order(): WorkerOrder {
    const { locate: _ours, ...settings } = origin.settings;
    const embedded = origin.kind === 'embedded';
    return {
      config: { ...config, http: { ...config.http, port } },
      nats: settings,
      embedded,
      shared: shared(),
    };
  }

  function shared(): Shared {
    return { locked: access.required(), issued: [...issued], flowsBegun: flows.begun() };
  }

  /** What is in NATS is asked for here, once for all workers. */
  async function metrics(): Promise<Family[]> {
    const workers = await crew.metrics();
    if (isUsed(workers)) await recognition.start().catch(() => undefined);
    const ours = await metricsText({
      metrics: counts,
      recognition: () => recognitionFigures(recognition),
      flows: flows.installed ? flows.status : undefined,
      stores: stores.figures,
      workers: crew.figures,
      nats: () => ({ connected: nats.connected(), reconnects: nats.reconnects() }),
    });
    return mergeMetrics([parseMetrics(ours), ...workers]);
  }
}

/** Whether some worker recognizes users. */
function isUsed(workers: readonly (readonly Family[])[]): boolean {
  return workers.some(families => families.some(({ name }) => name.startsWith(RECOGNITION_METRICS)));
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
    serverLocation: async () => {
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
