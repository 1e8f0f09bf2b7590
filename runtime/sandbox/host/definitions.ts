import type { Definition } from './definition.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The definitions a worker has been sent. */
export interface Definitions {
  /** The worker's number for a definition, sent to it on its first use: then `isNew`, and the worker says when it has it. */
  idOf(definition: Definition, worker: WorkerProcess): { id: number; isNew: boolean };
}

const MAX_DEFINITIONS = 64;

/** For one worker; the oldest is forgotten when there are too many. */
export function createDefinitions(): Definitions {
  const ids = new Map<string, number>();
  let next = 1;

  const forgetOldest = (worker: WorkerProcess): void => {
    const [oldest] = ids;
    if (!oldest || ids.size < MAX_DEFINITIONS) return;
    ids.delete(oldest[0]);
    worker.send('F', String(oldest[1]));
  };
  return {
    idOf(definition, worker) {
      const known = ids.get(definition.key);
      if (known !== undefined) return { id: known, isNew: false };
      forgetOldest(worker);
      const id = next++;
      ids.set(definition.key, id);
      const { scripts, libraries, packages, secrets, variables, names, timeoutMs, limits } = definition;
      worker.send(
        'D',
        JSON.stringify({
          id,
          scripts,
          libraries,
          packages,
          secrets,
          variables,
          names,
          flags: { timeoutMs, limits, fetch: definition.fetch },
        }),
      );
      return { id, isNew: true };
    },
  };
}
