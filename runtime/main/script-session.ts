import { PackError } from '../../contract/errors.ts';
import type { Config } from '../config/config.ts';
import { failure, toPackError } from '../core/envelope.ts';
import type { HostIo, ScriptSession, Session } from '../transports/cli/host.ts';
import { createLazySandbox, type LazySandbox } from './lazy-sandbox.ts';
import { toNatsLog } from './nats-log.ts';
import { quietLog } from './quiet-log.ts';

/** What it works with. */
export interface ScriptSessionParts {
  config: Config;
  io: HostIo;
  /** Finds NATS, and loads what calls need. */
  connect(sandbox: LazySandbox): Promise<Session>;
}

/**
 * Starts a worker, in a process of its own, before all else is loaded. Where the script leaves nothing behind, the rest waits for the
 * first call: lines that only become others need none.
 */
export async function openScriptSession({ config, io, connect }: ScriptSessionParts): Promise<ScriptSession> {
  await using starting = new AsyncDisposableStack();
  const sandbox = createLazySandbox(config, { log: toNatsLog(quietLog(io.onProgress)), isBrief: true });
  starting.defer(() => sandbox.close());
  const runner = await sandbox.start();
  // What it began with has its turn first.
  await new Promise(resolve => setImmediate(resolve));
  let connecting: Promise<Session> | undefined;
  let isOver = false;
  const connected = (): Promise<Session> => {
    // Lines that were under way as the command ended come to nothing, and have nobody to tell.
    if (isOver) throw new PackError('UNAVAILABLE', 'The command has ended.');
    connecting ??= connect(sandbox);
    return connecting;
  };
  starting.defer(async () => {
    isOver = true;
    const session = await connecting?.catch(() => undefined);
    await session?.[Symbol.asyncDispose]();
  });
  const running = starting.move();
  return {
    invoke: async (...call) => {
      try {
        return await (await connected()).invoke(...call);
      } catch (thrown) {
        return failure(toPackError(thrown));
      }
    },
    openLines: async lines => {
      const lineRun = lines && runner.openLines(lines);
      if (!lineRun) await connected();
      return lineRun;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
