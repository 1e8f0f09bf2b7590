import type { FetchConfig } from '../config/config.ts';
import type { Scripting } from '../core/scripts.ts';
import { createSecretBox } from '../core/secret-box.ts';
import type { Nats } from '../nats/open.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { SandboxStats } from '../sandbox/types.ts';
import {
  createLazySandbox,
  type LazySandbox,
  type LazySandboxOptions,
  type SandboxConfig,
} from './lazy-sandbox.ts';

/** What runs users' scripts, started by the first call that needs it. */
export interface LazyScripting {
  start(): Promise<Scripting>;
  /** Counts of the workers, once there are any. */
  stats(): SandboxStats | undefined;
  close(): Promise<void>;
}

/** How it is made. */
export interface ScriptingOptions extends LazySandboxOptions {
  /** Workers that are there already, closed with the rest. Default: its own. */
  sandbox?: LazySandbox | undefined;
}

/** Makes it: a process that transforms nothing starts no worker and opens no second connection. */
export function createScripting(
  config: SandboxConfig,
  nats: () => Nats,
  options: ScriptingOptions,
): LazyScripting {
  const { transform } = config;
  const { log, sandbox = createLazySandbox(config, options) } = options;
  let starting: Promise<Scripting> | undefined;
  let closeRest = async () => {};
  return {
    start: () => {
      starting ??= start();
      return starting;
    },
    stats: sandbox.stats,
    close: async () => {
      await sandbox.close();
      await closeRest();
    },
  };

  async function start(): Promise<Scripting> {
    const [runner, { openNats }] = await Promise.all([sandbox.start(), import('../nats/open.ts')]);
    const fetching = await createFetching(transform.fetch);
    const own = transform.nats && openNats({ ...transform.nats, name: 'kvflow transform' }, log);
    closeRest = async () => {
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

/** Nothing where no host is named: scripts may not fetch then. */
async function createFetching({ hosts, ...limits }: FetchConfig): Promise<GuardedFetch | undefined> {
  if (hosts.length === 0) return undefined;
  const [{ createGuard }, { createGuardedFetch }] = await Promise.all([
    import('../net/guard.ts'),
    import('../net/guarded-fetch.ts'),
  ]);
  return createGuardedFetch(createGuard({ hosts, setting: 'TRANSFORM_FETCH_HOSTS' }), limits);
}
