import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from '../../processes/process-identity.ts';
import type { NatsProcess } from './nats-process.ts';

/** Where the embedded server's restarts are told; a pino logger fits. */
export interface ServerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How to supervise. */
export interface SuperviseOptions {
  log: ServerLog;
  onUrlChange: ((url: string) => void) | undefined;
  stopGraceMs: number;
}

/** A server that is kept running. */
export interface Supervised {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the server on a port, -1 for any. */
export type Start = (port: number, signal: AbortSignal) => Promise<NatsProcess>;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
/** A server that ran so long did not fail at starting: the next restart is quick again. */
const STEADY_MS = 10_000;
const ANY_PORT = -1;
const PORT_TAKEN = /address already in use|only one usage of each socket address/i;

/** Keeps a server running until it is stopped: whenever it ends it is started again, later and later while that keeps failing. */
export function supervise(first: NatsProcess, start: Start, options: SuperviseOptions): Supervised {
  const stopping = new AbortController();
  let current = first;
  const url = (): string => `nats://127.0.0.1:${current.port}`;
  // Should this process end without stopping the server, at least the server is told.
  const onExit = (): unknown => signalGroup(current.pid, 'SIGTERM');
  process.once('exit', onExit);

  const replaceWith = (next: NatsProcess): void => {
    const [before, portChanged] = [url(), next.port !== current.port];
    current = next;
    options.log.info({ pid: next.pid, url: url() }, 'nats-server is back');
    if (portChanged) {
      options.log.warn(
        { before, url: url() },
        "nats-server's port was taken meanwhile, it has another one now",
      );
      try {
        options.onUrlChange?.(url());
      } catch (error) {
        // Whoever listens must not end the supervision.
        options.log.error({ error: String(error) }, "telling nats-server's new address failed");
      }
    }
  };
  const keepRunning = async (): Promise<void> => {
    let delay = FIRST_DELAY_MS;
    while (!stopping.signal.aborted) {
      const since = Date.now();
      const how = await current.exited;
      if (stopping.signal.aborted) return;
      if (Date.now() - since > STEADY_MS) delay = FIRST_DELAY_MS;
      options.log.error({ pid: current.pid, how }, 'nats-server ended by itself, starting it again');
      const next = await restart(current.port, start, { log: options.log, signal: stopping.signal, delay });
      if (next !== undefined) replaceWith(next);
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    }
  };
  const kept = keepRunning();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await current.end(options.stopGraceMs);
    await kept;
    // A restart may have succeeded at the same moment.
    await current.end(options.stopGraceMs);
    process.off('exit', onExit);
  };
  return {
    get url() {
      return url();
    },
    get pid() {
      return current.pid;
    },
    stop,
  };
}

interface RestartOptions {
  log: ServerLog;
  signal: AbortSignal;
  delay: number;
}

/** Tries until the server is up again; undefined when it is to be stopped. */
async function restart(
  port: number,
  start: Start,
  options: RestartOptions,
): Promise<NatsProcess | undefined> {
  const { log, signal } = options;
  let { delay } = options;
  let wait = delay;
  let wanted = port;
  for (;;) {
    try {
      await sleep(wait, undefined, { signal });
      return await start(wanted, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      const { message } = error as Error;
      const portTaken = wanted !== ANY_PORT && PORT_TAKEN.test(message);
      if (portTaken) wanted = ANY_PORT;
      // There is no reason to wait with another port.
      wait = portTaken ? 0 : delay;
      log.error({ error: message, again_in_ms: wait }, 'nats-server did not start again');
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    }
  }
}
