import type { Env } from '../config/sources.ts';
import type { Log } from '../server/log.ts';
import type { ServeOptions } from '../transports/cli/host.ts';

/** What every part of a server that starts is given. */
export interface StartOptions extends ServeOptions {
  env: Env;
  log: Log;
  /** Ends the server: something broke down that it cannot go on without. */
  fail(cause: unknown): void;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
