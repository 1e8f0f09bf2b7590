import { PackError } from '../../../contract/errors.ts';
import type { ScriptFetchRequest } from '../../core/scripts.ts';
import type { RunRequest } from '../types.ts';
import type { KeptRoom } from './kept-answers.ts';
import { createKeptAnswers } from './kept-answers.ts';

/** The fetches of one call; `event` stands for one of its events, by identity. */
export interface CallFetch {
  /** JSON of the answer; rejects with what the script is told. An event that runs again gets what its earlier run got. */
  fetch(event: object, request: ScriptFetchRequest): Promise<string>;
  /** The event runs once more, from its start. */
  again(event: object): void;
  /** The event is done. */
  done(event: object): void;
  /** Ends those under way: nobody waits for them any more. */
  close(): void;
}

const DEFAULT_BUDGET = 1_000;

/** Counts what a call fetches, and lets `slot` say how many do at once; answers that may be asked for again are kept in `room`. */
export function createCallFetch(
  { fetch, fetchBudget = DEFAULT_BUDGET }: Pick<RunRequest, 'fetch' | 'fetchBudget'>,
  { slot, room }: { slot: <T>(work: () => Promise<T>) => Promise<T>; room: KeptRoom },
): CallFetch {
  // Most calls never fetch.
  let ending: AbortController | undefined;
  let left = fetchBudget;
  let closed = false;
  const kept = createKeptAnswers(room);
  return {
    fetch: (event, request) => kept.of(event, request, () => ask(request)),
    again: kept.again,
    done: kept.forget,
    close() {
      closed = true;
      ending?.abort();
      kept.close();
    },
  };

  async function ask(request: ScriptFetchRequest): Promise<string> {
    if (!fetch) throw new PackError('FORBIDDEN', 'fetch is switched off; TRANSFORM_FETCH_HOSTS names hosts');
    if (left-- <= 0)
      throw new PackError(
        'FORBIDDEN',
        `the ${fetchBudget} requests of the call are used up (TRANSFORM_FETCH_PER_CALL)`,
      );
    ending ??= new AbortController();
    const { signal } = ending;
    if (closed) throw new PackError('TIMEOUT', 'the call is over');
    return JSON.stringify(await slot(() => fetch(request, signal)));
  }
}
