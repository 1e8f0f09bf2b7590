import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createScriptKv } from '../../../runtime/core/script-kv.ts';
import type { ScriptEventResult } from '../../../runtime/core/scripts.ts';
import { openNats } from '../../../runtime/nats/open.ts';
import { openSandbox } from '../../runtime/sandbox/support.ts';
import type { ModelEvent } from './events.ts';
import { SCRIPT } from './events.ts';

/** The bucket of all histories; each has a namespace. */
export const BUCKET = 'state';
const CALL_MS = 60_000;
const EVENT_MS = 20_000;
const silent = { info: () => undefined, warn: () => undefined };

/** A call of the model's script. */
export interface ModelCall {
  namespace: string;
  events: ModelEvent[];
  stopOnError: boolean;
}

/** What runs calls: a sandbox with a connection of its own. */
export interface ModelRunner {
  /** Undefined: its process was ended before it answered. */
  run(call: ModelCall): Promise<ScriptEventResult[] | undefined>;
  /** Ends the processes that scripts run in. */
  killWorkers(): void;
  close(): Promise<void>;
}

/** One in another process, which can be ended too. */
export interface ChildRunner extends ModelRunner {
  kill(): Promise<void>;
}

/** One in this process. */
export function startRunner(url: string): ModelRunner {
  const nats = openNats({ servers: [url] }, silent);
  const sandbox = openSandbox({ maxPerNamespace: 2 });
  return {
    async run({ namespace, events, stopOnError }) {
      const deadline = Date.now() + CALL_MS;
      const kv = createScriptKv({ deadline }, { kv: nats.kv, bucket: BUCKET, namespace });
      const limits = { timeoutMs: EVENT_MS, deadline };
      const { results } = await sandbox.run({
        script: SCRIPT,
        events,
        namespace,
        stopOnError,
        kv,
        ...limits,
      });
      return results;
    },
    killWorkers() {
      for (const { pid } of sandbox.workers()) process.kill(pid, 'SIGKILL');
    },
    async close() {
      await sandbox.close();
      await nats.close();
    },
  };
}

/** One in a process of its own. */
export async function forkRunner(url: string): Promise<ChildRunner> {
  const child = fork(new URL('./runner-child.ts', import.meta.url), [url], { execArgv: [] });
  await once(child, 'message');
  let calls = 0;
  return {
    run: work => answered(child, { id: calls++, work }),
    killWorkers: () => void child.send({ killWorkers: true }),
    kill: () => ended(child, 'SIGKILL'),
    close: () => ended(child, 'SIGTERM'),
  };
}

function answered(
  child: ChildProcess,
  call: { id: number; work: ModelCall },
): Promise<ScriptEventResult[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<ScriptEventResult[] | undefined>();
  const listen = ({ id, results }: { id: number; results: ScriptEventResult[] }) => {
    if (id === call.id) resolve(results);
  };
  const gone = () => resolve(undefined);
  child.on('message', listen).once('exit', gone);
  child.send(call);
  return promise.finally(() => child.off('message', listen).off('exit', gone));
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
