import type { KvflowProcess, Place } from '../runtime/transports/cli/kvflow-process.ts';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { freePort } from '../support/free-port.ts';

/** A kvflow in a process of its own, which joins NATS and keeps its address over restarts. */
export interface FaultyKvflow extends AsyncDisposable {
  readonly url: string;
  kill(): Promise<void>;
  /** Ends it as its operator would. */
  end(): Promise<void>;
  /** @param main the entry of another build. */
  start(main?: string): Promise<void>;
  pause(): void;
  resume(): void;
}

/**
 * @param env more variables, such as a library to load first.
 * @param first the entry of the build to begin with, where that is another.
 */
export async function startFaultyKvflow(
  servers: string[],
  env: Record<string, string> = {},
  first?: string,
): Promise<FaultyKvflow> {
  const port = await freePort();
  const place: Place = await makePlace();
  let process: KvflowProcess;
  await start(first);
  return {
    url: `http://127.0.0.1:${port}`,
    start,
    kill: async () => {
      process.child.kill('SIGKILL');
      await process.ended;
    },
    end: async () => {
      process.child.kill('SIGTERM');
      await process.ended;
    },
    pause: () => process.child.kill('SIGSTOP'),
    resume: () => process.child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      process.child.kill('SIGCONT');
      await place[Symbol.asyncDispose]();
    },
  };

  async function start(main?: string): Promise<void> {
    process = await place.start({
      ...(main && { main }),
      args: ['--port', String(port)],
      env: { NATS_URL: servers.join(','), KVFLOW_FLOWS: 'off', KVFLOW_LOG_LEVEL: 'error', ...env },
    });
  }
}
