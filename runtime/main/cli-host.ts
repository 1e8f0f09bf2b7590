import type { Config } from '../config/config.ts';
import type { ReadConfigOptions } from '../config/read-config.ts';
import type { Runtime } from '../main.ts';
import { createRuntime, manifest } from '../main.ts';
import type { CliHost, HostIo, Session, Settings, Via } from '../transports/cli/host.ts';
import { quietLog, tellInternal } from './quiet-log.ts';

/** What the command line can reach, see {@link CliHost}. Each command loads what it needs and no more. */
export function createCliHost({ env, cwd }: Pick<ReadConfigOptions, 'env' | 'cwd'>): CliHost {
  const read = async (overrides: Settings): Promise<Config> => {
    const { readConfig } = await import('../config/read-config.ts');
    return readConfig({ env, cwd, overrides });
  };
  return {
    manifest: () => manifest,
    serve: async (settings, options) => {
      const [{ serve }, config] = await Promise.all([import('./serve.ts'), read(settings)]);
      await serve(config, env, options);
    },
    connect: async (settings, io, via) => connect(await read(settings), env, { ...io, via }),
    mcp: async (settings, options) => {
      const [{ runMcpStdio }, config] = await Promise.all([import('./mcp-stdio.ts'), read(settings)]);
      await runMcpStdio(config, env, options);
    },
    keys: async settings => {
      const [{ openKeys }, config] = await Promise.all([import('./keys.ts'), read(settings)]);
      return openKeys(config);
    },
    check: async function* (settings, io) {
      const { check } = await import('./check.ts');
      yield* check(() => read(settings), env, io);
    },
  };
}

async function connect(
  config: Config,
  env: ReadConfigOptions['env'],
  io: HostIo & { via: Via | undefined },
): Promise<Session> {
  let over = false;
  const tell = (line: string): void => {
    // A connection that is given up complains, and the command has been answered by then.
    if (!over) io.onProgress(line);
  };
  for (const warning of config.warnings) tell(`kvflow: ${warning}`);
  const runtime = await createRuntime(config, {
    env,
    log: quietLog(tell),
    onProgress: tell,
    attach: true,
    brief: true,
    onError: tellInternal(tell),
  });
  const dispose = (): PromiseLike<void> => {
    over = true;
    return runtime[Symbol.asyncDispose]();
  };
  const invoke = io.via === 'nats' ? await throughNats(runtime) : runtime.invoke;
  return { invoke, [Symbol.asyncDispose]: dispose };
}

async function throughNats({ nats, registry }: Runtime): Promise<Session['invoke']> {
  const { createServiceClient } = await import('../nats/service/client.ts');
  return createServiceClient({ requests: nats.requests, registry });
}
