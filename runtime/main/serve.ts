import type { ApiKey } from '../access/api-key.ts';
import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import type { Authenticator, KeyIssuer, NamedKeys } from '../core/access.ts';
import type { Runtime } from '../main.ts';
import { createRuntime } from '../main.ts';
import type { Nats } from '../nats/open.ts';
import { startWarnings } from '../nats/server/start-warnings.ts';
import type { FunctionService } from '../nats/service/service.ts';
import type { Log } from '../server/log.ts';
import type { Ready, ServeOptions } from '../transports/cli/host.ts';
import { watchForBreakdown } from './breakdown.ts';
import { openDashboard } from './dashboard.ts';
import { joinRefused, listenFault } from './faults.ts';
import { openFlows } from './flows.ts';
import { openKeyFile } from './keys.ts';
import { warnOfOwnBuckets } from './own-buckets.ts';
import { recognitionFigures } from './recognition-figures.ts';
import { startReconciler } from './reconciler.ts';
import { repairLeftovers } from './repair-leftovers.ts';
import { startScheduler } from './scheduler.ts';
import { scheduleSnapshots } from './snapshots/schedule.ts';
import { statePlaces } from './state-places.ts';
import { createHealth } from './stores/health.ts';
import { watchStores } from './stores/watch-stores.ts';
import { startTelemetry } from './telemetry.ts';

/** How long a NATS of NATS_URL is waited for before the server is called ready without it. */
const JOIN_WAIT_MS = 2_000;
const KEYS_MS = 10_000;

/**
 * Runs the server until the signal, or until something breaks down that it cannot go on without: that is logged, and
 * thrown after everything was stopped. The order of the end: HTTP finishes what is in flight, NATS is left, the
 * embedded server ends, the data directory is given back, the log is written out.
 */
export async function serve(config: Config, env: Env, options: ServeOptions): Promise<void> {
  const { createLog } = await import('../server/log.ts');
  const log = createLog({ level: config.logLevel });
  await using running = new AsyncDisposableStack();
  running.defer(log.flush);
  const breakdown = running.use(watchForBreakdown(log.logger));
  try {
    await start(config, { ...options, env, log, fail: breakdown.fail }, running);
    await Promise.race([aborted(options.signal), breakdown.happened]);
  } catch (error) {
    // Stopped before it was ready: what the interrupted start threw is of no interest to anybody.
    if (!options.signal.aborted) throw error;
  }
}

interface StartOptions extends ServeOptions {
  env: Env;
  log: Log;
  fail(cause: unknown): void;
}

async function start(config: Config, options: StartOptions, running: AsyncDisposableStack): Promise<void> {
  const { logger } = options.log;
  for (const warning of config.warnings) logger.warn(warning);
  const loading = import('../server/server.ts');
  loading.catch(() => undefined);
  const runtime = await startRuntime(config, options, running);
  const { createServer } = await loading;
  const { registry, invoke, nats, scripting, recognition } = runtime;
  const endTelemetry = await startTelemetry(options.env, registry.version);
  if (endTelemetry) running.defer(endTelemetry);
  const access = await createAccess(config, options.log, keys => recordKeys(runtime, config, keys));
  let url = '';
  const flows = openFlows({ config, env: options.env, access, apiUrl: () => url, log: options.log });
  const dashboard = openDashboard();
  const stores = running.use(await storesOf(config, runtime, line => logger.warn(line)));
  running.use(scheduleSnapshots(config, runtime, line => logger.warn(line)));
  const server = createServer({
    invoke,
    registry,
    kv: nats.kv,
    access,
    corsOrigins: config.http.corsOrigins,
    health: createHealth({ nats, warnings: stores.warnings }),
    stores: () => ({
      warnings: stores.warnings().length,
      damaged: stores.damaged().map(({ bucket }) => bucket),
    }),
    nats: () => ({ connected: nats.connected(), reconnects: nats.reconnects() }),
    log: logger,
    state: statePlaces(config),
    scriptStats: scripting.stats,
    recognition: () => recognitionFigures(recognition),
    flows: flows.installed ? flows.status : undefined,
    host: config.http.host,
    port: config.http.port,
    mcp: async () => {
      const { createMcpEndpoint } = await import('../transports/mcp/http.ts');
      return createMcpEndpoint({ registry, kv: nats.kv });
    },
    homePage: dashboard.homePage,
    plugins: [...flows.plugins, ...dashboard.plugins],
  });
  const service = config.natsService
    ? await startService(runtime, { ...options, access }, running)
    : undefined;
  const scheduler = startScheduler(nats.kv, { warn: line => logger.warn(line) });
  running.defer(() => scheduler.stop());
  const reconciler = startReconciler(config, recognition);
  running.defer(() => reconciler.stop());
  running.defer(() => server.close());
  running.defer(() => flows.close());
  url = await server
    .listen()
    .catch((error: NodeJS.ErrnoException) => Promise.reject(listenFault(error, config.http)));
  // `kvflow invoke` finds this process by its data directory.
  if (runtime.origin.kind === 'embedded') await runtime.origin.publish({ httpUrl: url });
  await untilJoined(nats, options);
  // Whoever reads that we are ready may call over NATS next.
  if (nats.connected()) await service?.started.catch(() => undefined);
  void nats.joined.then(() => warnOfOwnBuckets(nats.kv, line => logger.warn(line))).catch(() => undefined);
  void nats.joined
    .then(() => repairLeftovers(runtime, logger))
    .catch(() => undefined)
    .then(() => stores.look());
  options.signal.throwIfAborted();
  options.onReady({
    url,
    dashboard: dashboard.homePage === false,
    flows: flows.installed && config.flows !== 'off',
    keysRequired: access.required(),
    dataDir: config.dataDir,
    nats: describeNats(runtime),
  });
  void flows.resume();
}

function storesOf(config: Config, { nats, origin }: Runtime, warn: (line: string) => void) {
  const { dataDir } = config;
  const embedded = origin.kind === 'embedded';
  const said = embedded && { startWarnings: () => startWarnings(dataDir) };
  return watchStores({ nats, dataDir, embedded, warn, ...said });
}

async function startRuntime(
  config: Config,
  options: StartOptions,
  running: AsyncDisposableStack,
): Promise<Runtime> {
  const { env, log, onProgress, signal } = options;
  const runtime = await createRuntime(config, {
    env,
    log: log.logger,
    onProgress,
    signal,
    onError: (error, invocation, name) => {
      if (error.code === 'INTERNAL')
        log.logger.error({ err: error.cause ?? error, invocation, function: name }, 'INTERNAL');
    },
  });
  return running.use(runtime);
}

/** Begins when NATS is joined; what it answers at the end leaves before NATS is left. */
async function startService(
  { nats, registry, invoke }: Runtime,
  { log: { logger }, access }: StartOptions & { access: Authenticator & NamedKeys },
  running: AsyncDisposableStack,
): Promise<FunctionService> {
  const { serveFunctions } = await import('../nats/service/service.ts');
  const log = { info: (line: string) => logger.info(line), warn: (line: string) => logger.warn(line) };
  const service = serveFunctions({
    connection: nats.connection,
    registry,
    invoke,
    log,
    principalOf: access.named,
    spend: access.spend,
  });
  running.defer(() => service.stop());
  return service;
}

async function createAccess(
  config: Config,
  { logger }: Log,
  onKeys: (keys: readonly ApiKey[]) => void,
): Promise<Authenticator & NamedKeys & KeyIssuer> {
  const [keyFile, { createAuthenticator }] = await Promise.all([
    openKeyFile(config),
    import('../access/authenticator.ts'),
  ]);
  const authenticator = createAuthenticator({
    keyFile,
    configKeys: config.http.apiKeys,
    onKeys,
    onError: error => logger.error(error, 'the API keys cannot be read; those known before stay valid'),
  });
  const note = keyFile.note();
  if (note) logger.warn(note);
  onKeys(keyFile.snapshot());
  return authenticator;
}

/** Which keys there are is told to the log of administrative calls as soon as NATS can be reached. */
function recordKeys({ adminLog, nats }: Runtime, { dataDir }: Config, keys: readonly ApiKey[]): void {
  const byName = Object.fromEntries(keys.map(({ name, hash: _secret, ...rights }) => [name, { ...rights }]));
  const record = () => adminLog.recordKeys({ deadline: Date.now() + KEYS_MS }, dataDir, byName);
  void nats.joined.then(record).catch(() => undefined);
}

/**
 * A NATS that refuses us will go on to: throws where it does so while it is waited for, and breaks down later. One that is not
 * there yet is tried again and again while we serve.
 */
async function untilJoined({ joined }: Nats, { signal, fail }: StartOptions): Promise<void> {
  let waiting = true;
  // Leaving before it was joined rejects as well, and means nothing.
  const refused = joined.catch(error => {
    if (signal.aborted) return;
    if (waiting) throw joinRefused(error);
    fail(joinRefused(error));
  });
  await Promise.race([refused, aborted(AbortSignal.any([signal, AbortSignal.timeout(JOIN_WAIT_MS)]))]);
  waiting = false;
}

function describeNats({ origin, nats }: Runtime): Ready['nats'] {
  if (origin.kind === 'embedded') return { kind: 'embedded', version: origin.version };
  return { kind: 'joined', servers: origin.settings.servers, connected: nats.connected() };
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
