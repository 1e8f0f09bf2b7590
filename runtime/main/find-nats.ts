import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../contract/errors.ts';
import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import type { NatsSettings, ServerLocation } from '../nats/nats-settings.ts';
import type { RunningInfo } from '../nats/server/data-dir.ts';
import type { EmbeddedNats } from '../nats/server/embedded.ts';
import type { ServerLog } from '../nats/server/supervise.ts';
import type { Publication } from './publication.ts';
import { createPublication } from './publication.ts';

/** A NATS to work with, and how it was come by. */
export type NatsOrigin = { settings: NatsSettings } & (
  | { kind: 'joined' }
  | { kind: 'attached'; pid: number }
  | { kind: 'embedded'; version: string; path: string; publish: Publication['publish'] }
);

/** How {@link findNats} goes about it. */
export interface FindNatsOptions {
  env: Env;
  log: ServerLog;
  /** Told what takes a while, one line at a time. */
  onProgress?: (line: string) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Use the NATS of the kvflow that runs on the data directory, if one does. */
  attach?: boolean;
}

/** How long a command waits for a kvflow that holds the data directory and is not ready yet. */
const ATTACH_WAIT_MS = 15_000;

/** Joins the NATS of the configuration; without one, attaches to a running kvflow or starts a server of its own. */
export async function findNats(
  config: Config,
  options: FindNatsOptions,
  stack: AsyncDisposableStack,
): Promise<NatsOrigin> {
  if (config.nats) return { kind: 'joined', settings: config.nats };
  if (!options.attach) return embed(config, options, stack);
  for (const end = Date.now() + ATTACH_WAIT_MS; ; await sleep(50)) {
    const running = await attach(config.dataDir);
    if (running) return running;
    try {
      return await embed(config, options, stack);
    } catch (error) {
      if (!isTaken(error) || Date.now() > end) throw error;
    }
  }
}

async function attach(dataDir: string): Promise<NatsOrigin | undefined> {
  const { readRunning } = await import('../nats/server/data-dir.ts');
  const running = await readRunning(dataDir);
  if (!running) return undefined;
  // Also a kvflow that was started again, with another password, is found again.
  const locate = async () => locationOf(await readRunning(dataDir));
  return { kind: 'attached', settings: { ...locationOf(running), locate }, pid: running.pid };
}

function locationOf(running: RunningInfo): ServerLocation;
function locationOf(running: RunningInfo | undefined): ServerLocation | undefined;
function locationOf(running: RunningInfo | undefined): ServerLocation | undefined {
  if (!running) return undefined;
  const { natsUrl, user, password } = running;
  return { servers: [natsUrl], user, password };
}

async function embed(
  config: Config,
  options: FindNatsOptions,
  stack: AsyncDisposableStack,
): Promise<NatsOrigin> {
  const { dataDir, embedded } = config;
  const { log, onProgress, signal } = options;
  const { lockDataDir } = await import('../nats/server/data-dir.ts');
  const lock = await lockDataDir(dataDir);
  stack.defer(() => lock.release());
  const { path, version } = await unlessAborted(signal, () =>
    findBinary(embedded.serverBin, options.env, onProgress),
  );
  const { startEmbeddedNats } = await import('../nats/server/embedded.ts');
  const { publish, renew } = createPublication(lock, () => server, log);
  const server: EmbeddedNats = await startEmbeddedNats({
    dataDir: lock.dataDir,
    binary: path,
    sync: embedded.sync,
    log,
    onUrlChange: renew,
    ...(signal && { signal }),
  });
  stack.defer(() => server.stop());
  const { url, user, password } = server;
  const locate = async () => ({ servers: [server.url], user, password });
  return { kind: 'embedded', settings: { servers: [url], user, password, locate }, version, path, publish };
}

async function findBinary(given: string | undefined, env: Env, onProgress: FindNatsOptions['onProgress']) {
  const { findNatsServer } = await import('../nats/server/find.ts');
  // The configuration has the last word: NATS_SERVER_BIN may have come from the file.
  return findNatsServer({ env: { ...env, NATS_SERVER_BIN: given }, ...(onProgress && { onProgress }) });
}

/** A download cannot be called off half-way, but nobody needs to wait for it. */
async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof PackError && error.details.pid !== undefined;
}
