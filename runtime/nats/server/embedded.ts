import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PackError } from '../../../contract/errors.ts';
import { type EmbeddedFiles, embeddedFiles } from './embedded-files.ts';
import { endsWithParent } from './launcher.ts';
import { checkSync, type NatsConfig, natsConfig } from './nats-config.ts';
import { logTail, startNatsProcess } from './nats-process.ts';
import { completeRecord, endOrphan } from './orphan.ts';
import { type ServerLog, type Start, supervise } from './supervise.ts';

/** What {@link startEmbeddedNats} may be told. */
export interface EmbeddedNatsOptions {
  /** kvflow's data directory, which this process must hold the lock of (see `lockDataDir`). */
  dataDir: string;
  /** Path of a nats-server, see `findNatsServer`. */
  binary: string;
  /** How often written data is synced to disk: `always` (before it is acknowledged), or a time such as `1s`. Default `always`. */
  sync?: string;
  /** Told of restarts and the like. A pino logger fits. */
  log?: ServerLog;
  /** Called when a restarted server could not have its port back, with the address it has now. */
  onUrlChange?: (url: string) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Whether the server ends with this process however that ends, where the system can do so (Linux). Default true. */
  endWithParent?: boolean;
  /** How long {@link EmbeddedNats.stop} waits before it makes the server end, in milliseconds. Default 10 000. */
  stopGraceMs?: number;
}

/** A nats-server that this process runs. */
export interface EmbeddedNats extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>`, without the user and password. Stays the same over restarts but for `onUrlChange`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The process number of the server; it changes when the server is restarted. */
  readonly pid: number;
  /** Ends the server. Resolves when it is gone; it is not started again. */
  stop(): Promise<void>;
  /** The last lines of the server's log. */
  logTail(): Promise<string>;
}

const USER = 'kvflow';
const SLOW_START_MS = 10_000;
const silent: ServerLog = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Starts a nats-server with JetStream on the data directory, for this process alone: on the loopback interface, with a
 * password made for this run. Should the server die it is started again, on the same port, for as long as it takes. A server
 * that a killed kvflow left on the directory is ended first.
 * @throws PackError INVALID_INPUT for `sync`; UNAVAILABLE when the server does not start, with the end of its log.
 */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { log = silent, onUrlChange, signal = new AbortController().signal, stopGraceMs = 10_000 } = options;
  const sync = checkSync(options.sync ?? 'always');
  const files = await embeddedFiles(options.dataDir);
  await endLeftOver(files, log);
  const password = randomBytes(24).toString('base64url');
  const start = await starter(options, files, { user: USER, password, sync });
  const first = await start(-1, signal).catch(error => Promise.reject(failedStart(options.binary, error)));
  const server = supervise(first, start, { log, onUrlChange, stopGraceMs });
  const stop = once(() => server.stop().then(() => cleanUp(files)));
  return {
    get url() {
      return server.url;
    },
    get pid() {
      return server.pid;
    },
    user: USER,
    password,
    stop,
    logTail: () => logTail(files),
    [Symbol.asyncDispose]: stop,
  };
}

async function endLeftOver(files: EmbeddedFiles, log: ServerLog): Promise<void> {
  const pid = await endOrphan(files);
  if (pid !== undefined) log.warn({ pid }, 'ended the nats-server that a killed kvflow left behind');
}

type Settings = Pick<NatsConfig, 'user' | 'password' | 'sync'>;

/** Starts the server on a port, for the first time and again. */
async function starter(
  options: EmbeddedNatsOptions,
  files: EmbeddedFiles,
  settings: Settings,
): Promise<Start> {
  const { binary, log = silent, endWithParent = true } = options;
  const launcher = endWithParent ? await endsWithParent() : [];
  const { storeDir, portsDir, log: logFile } = files;
  return async (port, signal) => {
    const config = natsConfig({ ...settings, port, storeDir, portsDir, logFile });
    const slow = setInterval(() => log.info({}, 'nats-server is still getting its data back'), SLOW_START_MS);
    try {
      const server = await startNatsProcess({ binary, files, config, signal, launcher });
      await completeRecord(files, server.pid);
      return server;
    } finally {
      clearInterval(slow);
    }
  };
}

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= action());
}

/** The password and the record have no meaning any more. */
async function cleanUp(files: EmbeddedFiles): Promise<void> {
  for (const path of [files.config, files.record, files.portsDir])
    await rm(path, { recursive: true, force: true });
}

function failedStart(binary: string, cause: Error): PackError {
  const message = `The embedded nats-server (${binary}) did not start: ${cause.message}`;
  return new PackError('UNAVAILABLE', message, { retryable: false, cause });
}
