import type { Config } from '../config/config.ts';
import type { Family } from '../core/metrics/parse.ts';
import type { Runtime } from '../main.ts';
import type { Access } from './access.ts';
import { createAccess, recordKeys } from './access.ts';
import { startBackground } from './background.ts';
import type { OpenFlows } from './flows.ts';
import { openFlows } from './flows.ts';
import { readyOf } from './ready.ts';
import type { StartOptions } from './start-options.ts';
import { startRuntime } from './start-runtime.ts';
import type { StoreWatch } from './stores/watch-stores.ts';
import { startMetrics, startTelemetry } from './telemetry.ts';
import { untilJoined } from './until-joined.ts';

/** What runs once in a kvflow, however many processes answer its calls. */
export interface Base {
  readonly runtime: Runtime;
  readonly access: Access;
  /** To be closed by whoever serves them, from before the first call may start them. */
  readonly flows: OpenFlows;
  readonly stores: StoreWatch;
  /** Ends the start: calls can be made from now on. Throws where NATS refuses us. */
  ready(listening: Listening): Promise<void>;
}

/** Who answers the calls. */
export interface Listening {
  url: string;
  /** Whether the dashboard is there. */
  dashboard: boolean;
  workers: number;
  /** The figures of all processes. */
  metrics(): Promise<readonly Family[]>;
  /** Waited for before kvflow is called ready, where NATS is there. */
  serviceStarted?: Promise<void> | undefined;
}

/** What differs between one process and several. */
export interface BaseOptions extends StartOptions {
  /** Makes other processes know the keys that are issued. */
  share?(access: Access): Access;
}

/** Starts it; what it started ends with `running`. */
export async function startBase(
  config: Config,
  options: BaseOptions,
  running: AsyncDisposableStack,
): Promise<Base> {
  const { env, log, share = access => access } = options;
  const runtime = await startRuntime(config, options, running);
  const { nats, origin, registry } = runtime;
  const endTelemetry = await startTelemetry(env, registry.version);
  if (endTelemetry) running.defer(endTelemetry);
  const access = share(
    await createAccess(config, log, { onKeys: keys => recordKeys(runtime, config, keys) }),
  );
  let url = '';
  const flows = openFlows({ config, env, access, apiUrl: () => url, log });
  const { stores, lookAround } = await startBackground(config, runtime, { log, running });
  return { runtime, access, flows, stores, ready };

  async function ready({ metrics, serviceStarted, ...listening }: Listening): Promise<void> {
    ({ url } = listening);
    // `kvflow invoke` finds this process by its data directory.
    if (origin.kind === 'embedded') await origin.publish({ httpUrl: url });
    await untilJoined(nats, options);
    // Whoever reads that we are ready may call over NATS next.
    if (nats.connected()) await serviceStarted?.catch(() => undefined);
    const endMetrics = await startMetrics(env, registry.version, metrics);
    if (endMetrics) running.defer(endMetrics);
    lookAround();
    options.signal.throwIfAborted();
    options.onReady(readyOf(config, runtime, { ...listening, access, flows }));
    void flows.resume();
  }
}
