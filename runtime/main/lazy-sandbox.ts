import type { Config } from '../config/config.ts';
import type { NatsLog } from '../nats/open.ts';
import type { Geo } from '../sandbox/host/geo.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { SandboxStats, UsageLimits } from '../sandbox/types.ts';

/** The workers of scripts, the first of which starts once they are asked for. */
export interface LazySandbox {
  /** Resolves as soon as a worker is being started. */
  start(): Promise<Sandbox>;
  /** Counts of the workers, once there are any. */
  stats(): SandboxStats | undefined;
  close(): Promise<void>;
}

/** How it is made. */
export interface LazySandboxOptions {
  log: NatsLog;
  /** The process ends soon: no worker is started that no call waits for. */
  isBrief?: boolean;
}

/** What of the configuration it goes by. */
export type SandboxConfig = Pick<Config, 'transform'> & Partial<Pick<Config, 'workers'>>;

/** Makes it: a process that runs no script starts no worker. */
export function createLazySandbox(
  { transform, workers = 1 }: SandboxConfig,
  { log, isBrief = false }: LazySandboxOptions,
): LazySandbox {
  let creating: Promise<Sandbox> | undefined;
  let made: Sandbox | undefined;
  return {
    start: () => {
      creating ??= create();
      return creating;
    },
    stats: () => made?.stats(),
    close: async () => {
      await creating?.catch(() => undefined);
      await made?.close();
    },
  };

  async function create(): Promise<Sandbox> {
    const { createSandbox, defaultMaxWorkers } = await import('../sandbox/sandbox.ts');
    const geo = await geoOf(transform.geoFile, log);
    made = createSandbox({
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
    return made;
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
