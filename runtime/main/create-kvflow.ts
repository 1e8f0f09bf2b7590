import { PackError } from '../../contract/errors.ts';
import type { Methods } from '../../contract/methods.ts';
import { withMethods } from '../../contract/methods.ts';
import type { Env } from '../config/sources.ts';
import type { Runtime } from '../main.ts';
import { quietLog } from './quiet-log.ts';
import { startScheduler } from './scheduler.ts';

export { createRuntime, manifest } from '../main.ts';

/** kvflow in this process: every function as a method, typed as in `@kvflow/client`. */
export interface Kvflow extends Methods<KvflowCallOptions>, AsyncDisposable {
  /** Leaves NATS, and stops a nats-server that was started for it. */
  close(): Promise<void>;
}

/** Of one call. */
export interface KvflowCallOptions {
  /** Milliseconds to wait; never more than the function allows. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Where kvflow keeps its data. Everything else is as in docs/configuration.md: variables, and kvflow.yaml. */
export interface KvflowOptions {
  /** URL of a NATS with JetStream; without one, and without NATS_URL, a server of its own in `dataDir`, shared with a kvflow that runs there. */
  natsUrl?: string;
  dataDir?: string;
  /** Settings by the names of their variables, before those of the environment. */
  settings?: Readonly<Record<string, string>>;
  /** Told what NATS and kvflow warn of, one line at a time. Default: nobody is. */
  onWarning?: (line: string) => void;
  /** Default: the process's own. */
  env?: Env;
}

/**
 * Runs the functions of kvflow in this process. Calls that fail throw PackError with `code`, `retryable` and `details`.
 * @throws PackError INVALID_INPUT for settings; UNAVAILABLE: there is no nats-server to start.
 * @example
 * import { createKvflow } from './create-kvflow.ts';
 *
 * await using kvflow = await createKvflow({ dataDir: './data' });
 * await kvflow.kvKeyPut({ bucket: 'users', key: 'user.1', value: { theme: 'dark' } });
 */
export async function createKvflow(options: KvflowOptions = {}): Promise<Kvflow> {
  const { env = process.env } = options;
  const [{ readConfig }, { createRuntime }] = await Promise.all([
    import('../config/read-config.ts'),
    import('../main.ts'),
  ]);
  const config = await readConfig({ env, cwd: process.cwd(), overrides: settingsOf(options) });
  const runtime = await createRuntime(config, {
    env,
    log: quietLog(options.onWarning ?? (() => undefined)),
    attach: true,
  });
  const scheduler = startScheduler(runtime.nats, { warn: () => undefined });
  const close = async () => {
    await scheduler.stop();
    await runtime[Symbol.asyncDispose]();
  };
  return withMethods({ close, [Symbol.asyncDispose]: close }, caller(runtime));
}

function settingsOf({ natsUrl, dataDir, settings }: KvflowOptions): Record<string, string> {
  return {
    ...settings,
    ...(natsUrl !== undefined && { NATS_URL: natsUrl }),
    ...(dataDir !== undefined && { KVFLOW_DATA_DIR: dataDir }),
  };
}

function caller({ invoke }: Runtime) {
  return async (name: string, input: unknown, options: KvflowCallOptions = {}): Promise<unknown> => {
    const envelope = await invoke(name, input, options);
    if ('data' in envelope) return envelope.data;
    const { code, message, retryable, details, errors } = envelope.error;
    throw new PackError(code, message, { retryable, ...(details && { details }), ...(errors && { errors }) });
  };
}
