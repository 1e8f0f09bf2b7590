import { PackError } from '../../contract/errors.ts';
import type { Config } from '../config/config.ts';
import type { ReadConfigOptions } from '../config/read-config.ts';
import type { Runtime } from '../main.ts';
import type { CliHost, HostIo, Session, Settings, Via } from '../transports/cli/host.ts';
import type { LazySandbox } from './lazy-sandbox.ts';
import { DEFAULT_PROFILE, openProfiles } from './profiles.ts';
import { quietLog, tellInternal } from './quiet-log.ts';

/** What the command line can reach, see {@link CliHost}. Each command loads what it needs and no more. */
export function createCliHost({ env, cwd }: Pick<ReadConfigOptions, 'env' | 'cwd'>): CliHost {
  const read = async (overrides: Settings): Promise<Config> => {
    const { readConfig } = await import('../config/read-config.ts');
    return readConfig({ env, cwd, overrides });
  };
  const readFor = async (io: HostIo, settings: Settings): Promise<Config> => {
    const config = await read(settings);
    for (const warning of config.warnings) io.onProgress(`kvflow: ${warning}`);
    return config;
  };
  /** A session of the server that is named; undefined where none is. */
  const remoteOf = async (settings: Settings, via: Via | undefined): Promise<Session | undefined> => {
    const server = await serverOf({ ...env, ...settings }, via);
    if (server) {
      const { connectRemote } = await import('../transports/cli/remote.ts');
      return asCommandLine(connectRemote(server));
    }
    if (settings.KVFLOW_API_KEY)
      throw new PackError('INVALID_INPUT', 'An API key is for a server: give --url too');
    return undefined;
  };
  return {
    manifest: async () => (await import('./manifest.ts')).manifest,
    serve: async (settings, options) => {
      const [{ serve }, config] = await Promise.all([import('./serve.ts'), read(settings)]);
      await serve(config, env, options);
    },
    connect: async (settings, io, via) => {
      const remote = await remoteOf(settings, via);
      return remote ?? asCommandLine(await connect(await readFor(io, settings), env, { ...io, via }));
    },
    connectScript: async (settings, io) => {
      const remote = await remoteOf(settings, undefined);
      if (remote) return remote;
      const config = await readFor(io, settings);
      const local = async (sandbox: LazySandbox) =>
        asCommandLine(await connect(config, env, { ...io, sandbox }));
      const { openScriptSession } = await import('./script-session.ts');
      return await openScriptSession({ config, io, connect: local });
    },
    mcp: async (settings, options) => {
      const [{ runMcpStdio }, config] = await Promise.all([import('./mcp-stdio.ts'), read(settings)]);
      await runMcpStdio(config, env, options);
    },
    profiles: {
      save: async (name = DEFAULT_PROFILE, profile) => {
        const { path, save } = openProfiles(env);
        await save(name, profile);
        return { path };
      },
      remove: (name = DEFAULT_PROFILE) => openProfiles(env).remove(name),
    },
    keys: async settings => {
      const [{ openKeys }, config] = await Promise.all([import('./keys.ts'), read(settings)]);
      return openKeys(config);
    },
    doctor: async function* (settings, options) {
      const [{ doctor }, config] = await Promise.all([import('./snapshots/doctor.ts'), read(settings)]);
      yield* doctor(config, env, options);
    },
    check: async function* (settings, io) {
      const { check } = await import('./check.ts');
      yield* check(() => read(settings), env, io);
    },
  };
}

/** What is written, and what is told of, says that it came from the command line. */
function asCommandLine(session: Session): Session {
  const by = { host: 'cli' };
  return {
    ...session,
    invoke: (name, input, options) => session.invoke(name, input, { by, ...options }),
    restore: (file, options) => session.restore(file, { by, ...options }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** The server that is named, by flag, variable or profile; undefined: local data, or the NATS of the configuration. */
async function serverOf(
  settings: Settings,
  via: Via | undefined,
): Promise<{ url: string; key: string | undefined } | undefined> {
  const { KVFLOW_URL: url, KVFLOW_API_KEY: key } = settings;
  if (!url) return via === 'nats' ? undefined : await profileOf(settings);
  if (via === 'nats')
    throw new PackError('INVALID_INPUT', '--via nats goes with NATS_URL, not with --url or KVFLOW_URL');
  return { url, key };
}

async function profileOf(settings: Settings): Promise<{ url: string; key: string | undefined } | undefined> {
  const profile = await openProfiles(settings).chosen();
  return profile && { url: profile.url, key: settings.KVFLOW_API_KEY ?? profile.key };
}

async function connect(
  config: Config,
  env: ReadConfigOptions['env'],
  io: HostIo & { via?: Via | undefined; sandbox?: LazySandbox },
): Promise<Session> {
  let over = false;
  const tell = (line: string): void => {
    // A connection that is given up complains, and the command has been answered by then.
    if (!over) io.onProgress(line);
  };
  const { createRuntime } = await import('../main.ts');
  const starting = createRuntime(config, {
    env,
    log: quietLog(tell),
    onProgress: tell,
    attach: true,
    brief: true,
    sandbox: io.sandbox,
    onError: tellInternal(tell),
  });
  const [runtime, { localBackups }] = await Promise.all([starting, import('./local-backups.ts')]);
  const dispose = (): PromiseLike<void> => {
    over = true;
    return runtime[Symbol.asyncDispose]();
  };
  const invoke = io.via === 'nats' ? await throughNats(runtime) : runtime.invoke;
  return {
    invoke,
    ...localBackups(runtime.open),
    [Symbol.asyncDispose]: dispose,
  };
}

async function throughNats({ nats, registry }: Runtime): Promise<Session['invoke']> {
  const { createServiceClient } = await import('../nats/service/client.ts');
  return createServiceClient({ requests: nats.requests, registry });
}
