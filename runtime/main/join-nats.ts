import { functions } from '../../functions/index.gen.ts';
import { SETTINGS } from '../config/settings.ts';
import type { Invoke } from '../core/invoke.ts';
import { createInvoke } from '../core/invoke.ts';
import { createRegistry } from '../core/registry.ts';
import type { NatsSettings } from '../nats/nats-settings.ts';
import { openNats } from '../nats/open.ts';
import { manifest } from './manifest.ts';
import { startScheduler } from './scheduler.ts';
import { createScripting } from './scripting.ts';

/** The functions on a NATS that was joined. */
export interface JoinedNats {
  readonly invoke: Invoke;
  close(): Promise<void>;
}

/** Scripts keep their state on the same NATS, where a kvflow server without settings of its own keeps it. */
const SCRIPTS = {
  nats: undefined,
  bucket: SETTINGS.transformBucket.fallback,
  ttlSec: SETTINGS.transformTtlSec.fallback,
  timeZone: SETTINGS.transformTimeZone.fallback,
  requireLayers: SETTINGS.transformRequireLayers.fallback,
  engine: SETTINGS.transformEngine.fallback,
  failingTests: SETTINGS.transformFailingTests.fallback,
  secretsKey: SETTINGS.transformSecretsKey.fallback,
  fetch: {
    hosts: SETTINGS.transformFetchHosts.fallback,
    maxBytes: SETTINGS.transformFetchMaxBytes.fallback,
    timeoutMs: SETTINGS.transformFetchTimeoutMs.fallback,
    perCall: SETTINGS.transformFetchPerCall.fallback,
  },
  geoFile: SETTINGS.transformGeoFile.fallback,
  limits: {
    cpuMsPerCall: SETTINGS.transformCpuMsPerCall.fallback,
    kvPerCall: SETTINGS.transformKvPerCall.fallback,
    cpuMsPerMinute: SETTINGS.transformCpuMsPerMinute.fallback,
    kvPerMinute: SETTINGS.transformKvPerMinute.fallback,
  },
};
const silent = { info: () => undefined, warn: () => undefined };

/**
 * Runs the functions in this process on a NATS that somebody else runs: for hosts such as Node-RED. It does not wait for
 * NATS; calls do. Throws when the settings name a file that cannot be read.
 */
export async function joinNats(settings: NatsSettings): Promise<JoinedNats> {
  const nats = openNats(settings, silent);
  const recognition = async () => {
    const { recognitionWithoutWarehouses } = await import('../recognition/create.ts');
    return recognitionWithoutWarehouses(nats.kv);
  };
  const scripting = createScripting({ transform: SCRIPTS }, () => nats, { log: silent });
  const { start } = scripting;
  const invoke = createInvoke({ registry: sharedRegistry(), kv: nats.kv, recognition, scripting: start });
  const scheduler = startScheduler(nats, { warn: () => undefined });
  const close = async () => {
    await scheduler.stop();
    await scripting.close();
    await nats.close();
  };
  return { invoke, close };
}

let registry: ReturnType<typeof createRegistry> | undefined;

/** Compiled once, however many connections there are. */
function sharedRegistry() {
  registry ??= createRegistry(manifest, functions);
  return registry;
}
