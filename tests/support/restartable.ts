import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/** A server of a test that can be ended and started anew, with its data, on the same port. */
export interface Restartable {
  /** Ends it, keeping its data. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /** The process of the test need not wait for it. Until it is started anew. */
  unref(): void;
}

/** Starts it by `launch`; `usual` is the signal that ends it where none is named. */
export async function startRestartable(
  launch: () => Promise<ChildProcess>,
  usual: NodeJS.Signals = 'SIGTERM',
): Promise<Restartable> {
  let child = await launch();
  return {
    stop: async (signal = usual) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
    start: async () => {
      child = await launch();
    },
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    unref: () => {
      child.unref();
      for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
    },
  };
}
