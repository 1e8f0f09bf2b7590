import type { Config, FetchConfig } from '../config/config.ts';
import type { Scripting } from '../core/scripts.ts';
import { createSecretBox } from '../core/secret-box.ts';
import type { Nats, NatsLog } from '../nats/open.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Geo } from '../sandbox/host/geo.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { SandboxStats, UsageLimits } from '../sandbox/types.ts';

/** What runs users' scripts, started by the first call that needs it. */
export interface LazyScripting {
  start(): Promise<Scripting>;
  /** Begins with it already, so that less has to be waited for later: resolves as soon as a worker is being started. Never rejects. */
  prepare(): Promise<void>;
  /** Counts of the workers, once there are any. */
  stats(): SandboxStats | undefined;
  close(): Promise<void>;
}

/** How it is made. */
export interface ScriptingOptions {
  log: NatsLog;
  /** The process ends soon: no worker is started that no call waits for. */
  isBrief?: boolean;
}

/** Makes it: a process that transforms nothing starts no worker and opens no second connection. */
export function createScripting(
  { transform, workers = 1 }: Pick<Config, 'transform'> & Partial<Pick<Config, 'workers'>>,
  nats: () => Nats,
  { log, isBrief = false }: ScriptingOptions,
): LazyScripting {
  let starting: Promise<Scripting> | undefined;
  let creating: Promise<Sandbox> | undefined;
  let close = async () => {};
  let stats: () => SandboxStats | undefined = () => undefined;
  return {
    start: () => {
      starting ??= start();
      return starting;
    },
    prepare: async () => {
      await sandbox().catch(() => undefined);
      // What the sandbox began with has had its turn.
      await new Promise(resolve => setImmediate(resolve));
    },
    stats: () => stats(),
    close: async () => {
      await creating?.catch(() => undefined);
      await close();
    },
  };

  function sandbox(): Promise<Sandbox> {
    creating ??= create();
    return creating;
  }

  async function create(): Promise<Sandbox> {
    const { createSandbox, defaultMaxWorkers } = await import('../sandbox/sandbox.ts');
    const geo = await geoOf(transform.geoFile, log);
    const made = createSandbox({
      limits: { kvTtlMs: transform.ttlSec * 1000 },
      usage: minuteShareOf(transform.limits, workers),
      ...(geo && { geo }),
      timeZone: transform.timeZone,
      requireLayers: transform.requireLayers,
      engine: transform.engine,
      refillWarm: !isBrief,
      ...(workers > 1 && { maxWorkers: shareOf(defaultMaxWorkers(), workers) }),
      log: (level, message, details) =>
        log[level](details ? `${message} ${JSON.stringify(details)}` : message),
    });
    stats = made.stats;
    close = () => made.close();
    return made;
  }

  async function start(): Promise<Scripting> {
    const [runner, { openNats }] = await Promise.all([sandbox(), import('../nats/open.ts')]);
    const fetching = await createFetching(transform.fetch);
    const own = transform.nats && openNats({ ...transform.nats, name: 'kvflow transform' }, log);
    close = async () => {
      await runner.close();
      fetching?.close();
      await own?.close();
    };
    return {
      runner,
      kv: (own ?? nats()).kv,
      bucket: transform.bucket,
      state: nats().kv,
      failingTests: transform.failingTests,
      ...(transform.secretsKey !== undefined && { secrets: createSecretBox(transform.secretsKey) }),
      ...(fetching && { fetch: fetching.fetch, fetchBudget: transform.fetch.perCall }),
    };
  }
}

/** Workers of scripts that one of several processes may have: together as many as one alone would. */
function shareOf(all: number, processes: number): number {
  return Math.max(2, Math.ceil(all / processes));
}

/** What one of several processes may use in a minute: together as much as one alone would. 0 is no bound, and stays so. */
function minuteShareOf(
  { cpuMsPerMinute, kvPerMinute, ...perCall }: UsageLimits,
  processes: number,
): UsageLimits {
  return {
    ...perCall,
    cpuMsPerMinute: Math.ceil(cpuMsPerMinute / processes),
    kvPerMinute: Math.ceil(kvPerMinute / processes),
  };
}

/** A file that cannot be read is told, and no reason to run no scripts. */
async function geoOf(file: string | undefined, log: NatsLog): Promise<Geo | undefined> {
  if (file === undefined) return undefined;
  try {
    const { openGeo } = await import('../sandbox/host/geo.ts');
    return await openGeo(file);
  } catch (error) {
    log.warn(`transform: TRANSFORM_GEO_FILE ${file} cannot be read, scripts have no geo: ${String(error)}`);
    return undefined;
  }
}

/** Nothing where no host is named: scripts may not fetch then. */
async function createFetching({ hosts, ...limits }: FetchConfig): Promise<GuardedFetch | undefined> {
  if (hosts.length === 0) return undefined;
  const [{ createGuard }, { createGuardedFetch }] = await Promise.all([
    import('../net/guard.ts'),
    import('../net/guarded-fetch.ts'),
  ]);
  return createGuardedFetch(createGuard({ hosts, setting: 'TRANSFORM_FETCH_HOSTS' }), limits);
}
