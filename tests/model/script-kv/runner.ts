import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createScriptKv } from '../../../runtime/core/script-kv.ts';
import type { ScriptEventResult } from '../../../runtime/core/scripts.ts';
import { openNats } from '../../../runtime/nats/open.ts';
import { openSandbox } from '../../runtime/sandbox/support.ts';
import { SCRIPT } from './events.ts';
import { faulty } from './faulty.ts';
import type { ModelCall } from './history.ts';

/** The bucket of all histories; each has a namespace. */
export const BUCKET = 'state';
/** Whose workers run the scripts of all histories, one behind the other: only what is stored is a history's own. */
const WORKERS = 'model';
/** Of a call. */
export const CALL_MS = 60_000;
const EVENT_MS = 20_000;
const silent = { info: () => undefined, warn: () => undefined };

/** What runs calls: a sandbox with a connection of its own. */
export interface ModelRunner {
  /** Undefined: its process was ended before it answered. */
  run(call: ModelCall): Promise<ScriptEventResult[] | undefined>;
  close(): Promise<void>;
}

/** One in another process. */
export interface ChildRunner extends ModelRunner {
  /** What its connection is called. */
  name: string;
}

/** One in this process, its connection by a name; it has a worker that has started. */
export async function startRunner(url: string, name: string): Promise<ModelRunner> {
  const nats = openNats({ servers: [url], name }, silent);
  // One that was killed is made good by one that starts for it: others need not stand ready.
  const sandbox = openSandbox({ maxPerNamespace: 2, warmWorkers: 0 });
  await sandbox.run({ script: 'return $', events: [{}], namespace: WORKERS });
  return {
    async run({ namespace, events, stopOnError, fault }) {
      const deadline = Date.now() + CALL_MS;
      const store = createScriptKv({ deadline }, { kv: nats.kv, bucket: BUCKET, namespace });
      const happen = fault?.kills === 'process' ? endThis : killWorkers;
      const { results } = await sandbox.run({
        script: SCRIPT,
        events,
        namespace: WORKERS,
        stopOnError,
        kv: fault ? faulty(store, fault, happen) : store,
        timeoutMs: EVENT_MS,
        deadline,
      });
      // It had fewer operations.
      if (fault?.kills === 'process') endThis();
      return results;
    },
    async close() {
      await sandbox.close();
      await nats.close();
    },
  };

  function killWorkers(): void {
    for (const { pid } of sandbox.workers()) process.kill(pid, 'SIGKILL');
  }
}

function endThis(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** One in a process of its own. */
export async function forkRunner(url: string): Promise<ChildRunner> {
  const name = `runner-${randomUUID()}`;
  const child = fork(new URL('./runner-child.ts', import.meta.url), [url, name], { execArgv: [] });
  await once(child, 'message');
  let calls = 0;
  return { name, run: work => answered(child, { id: calls++, work }), close: () => ended(child) };
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

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
