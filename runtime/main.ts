/**
 * Wires everything together; with the files of main/, which do so for one purpose each, the only code that knows every
 * folder. What only some commands need is imported when it is needed.
 */
import type { Config } from './config/config.ts';
import type { Invoke, InvokeDependencies } from './core/invoke.ts';
import type { Open } from './core/open.ts';
import type { Registry } from './core/registry.ts';
import type { AdminLog } from './core/state/admin-log.ts';
import type { FindNatsOptions, NatsOrigin } from './main/find-nats.ts';
import { findNats } from './main/find-nats.ts';
import type { LazySandbox } from './main/lazy-sandbox.ts';
import { manifest } from './main/manifest.ts';
import { toNatsLog } from './main/nats-log.ts';
import type { LazyRecognition } from './main/recognition.ts';
import { createLazyRecognition } from './main/recognition.ts';
import { createLazyRemote } from './main/remote.ts';
import type { LazyScripting } from './main/scripting.ts';
import { createScripting } from './main/scripting.ts';
import type { Nats } from './nats/open.ts';

export { manifest };

/** Everything behind the transports, running. Disposing ends it: NATS is left, then the embedded server is stopped. */
export interface Runtime extends AsyncDisposable {
  readonly registry: Registry;
  readonly invoke: Invoke;
  readonly open: Open;
  readonly nats: Nats;
  readonly scripting: LazyScripting;
  readonly recognition: LazyRecognition;
  readonly adminLog: AdminLog;
  /** Which NATS that is, and how it was come by. */
  readonly origin: NatsOrigin;
}

/** What {@link createRuntime} may be told beside the configuration. */
export interface RuntimeOptions extends FindNatsOptions {
  /** For a command that makes few calls and ends: what they do not need is not made ready. */
  brief?: boolean;
  /** What runs scripts, where it has been started already; it is closed with the rest. */
  sandbox?: LazySandbox | undefined;
  /** A NATS that another process of this kvflow found. */
  origin?: NatsOrigin;
  /** Told of each call and stream that fails. */
  onError?: InvokeDependencies['onError'];
}

/**
 * Starts everything behind the transports. nats-server starts while our own code is still being loaded.
 * @throws PackError UNAVAILABLE: there is no nats-server, or the data directory belongs to another process.
 * @example
 * import { readConfig } from './config/read-config.ts';
 * import { createRuntime } from './main.ts';
 *
 * const env = process.env;
 * const config = await readConfig({ env, cwd: process.cwd() });
 * await using runtime = await createRuntime(config, { env, log: console });
 * console.log(await runtime.invoke('kv-bucket-list', {}));
 */
export async function createRuntime(config: Config, options: RuntimeOptions): Promise<Runtime> {
  await using starting = new AsyncDisposableStack();
  const finding = options.origin ? Promise.resolve(options.origin) : findNats(config, options, starting);
  // Awaited further down; until then its failure has nobody to see it.
  finding.catch(() => undefined);
  const scripting = createScripting(config, () => nats, {
    log: toNatsLog(options.log),
    isBrief: options.brief ?? false,
    sandbox: options.sandbox,
  });
  // Where NATS is not found; else it is closed before NATS is left.
  starting.defer(() => scripting.close());
  const loading = Promise.all([
    import('./nats/open.ts'),
    import('./core/registry.ts'),
    import('./core/invoke.ts'),
    import('./core/open.ts'),
    import('../functions/index.gen.ts'),
    import('./core/state/admin-log.ts'),
  ]);
  // One after the other: when the loading fails, the server that was started meanwhile is on the stack and is stopped.
  loading.catch(() => undefined);
  const origin = await finding;
  const [
    { openNats },
    { createRegistry },
    { createInvoke },
    { createOpen },
    { functions },
    { createAdminLog },
  ] = await loading;
  const registry = createRegistry(manifest, functions);
  const nats = openNats(origin.settings, toNatsLog(options.log));
  starting.defer(() => nats.close());
  starting.defer(() => scripting.close());
  const recognition = createLazyRecognition(config, nats, toNatsLog(options.log));
  starting.defer(() => recognition.close());
  const { onError, log } = options;
  const adminLog = createAdminLog(nats.kv, error =>
    log.warn({}, `the log of administrative calls could not be written: ${(error as Error).message}`),
  );
  const parts = { registry, kv: nats.kv, adminLog, ...(onError && { onError }) };
  const invoke = createInvoke({
    ...parts,
    scripting: scripting.start,
    recognition: recognition.start,
    remote: createLazyRemote(config.copy),
  });
  const running = starting.move();
  return {
    registry,
    invoke,
    open: createOpen(parts),
    nats,
    scripting,
    recognition,
    origin,
    adminLog,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
