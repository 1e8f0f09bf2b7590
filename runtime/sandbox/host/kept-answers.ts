import type { ScriptFetchRequest } from '../../core/scripts.ts';
import { lateCrypto } from './late-crypto.ts';

/** What the events of one call fetched, for their next runs. */
export interface KeptAnswers<Event extends object> {
  /** What an earlier run of the event got for the same request, or what `ask` gets now. */
  of(event: Event, request: ScriptFetchRequest, ask: () => Promise<string>): Promise<string>;
  /** The event runs once more, from its start. */
  again(event: Event): void;
  /** The event does not run again. */
  forget(event: Event): void;
  /** The call is over. */
  close(): void;
}

/** How many characters the calls of a process keep. */
export interface KeptRoom {
  taken: number;
}

/** Of one event. */
interface Fetched {
  /** By the hash of the request, in the order they were asked for. */
  answers: Map<string, Promise<string>[]>;
  /** How many of them the run under way has had. */
  had: Map<string, number>;
  /** Number of the run under way. */
  run: number;
  chars: number;
}

interface Asked {
  fetched: Fetched;
  id: string;
  answers: Promise<string>[];
  asked: Promise<string>;
}

const MIB = 1_048_576;
/** Characters that all events of a call may keep, and those of all calls; what is beyond is fetched again. */
const [MAX_CHARS, MAX_IN_ALL] = [8 * MIB, 64 * MIB];

/** Keeps answers until the event that asked is done. A request that failed is not kept: the next run makes it again. */
export function createKeptAnswers<Event extends object>(room: KeptRoom): KeptAnswers<Event> {
  const events = new Map<Event, Fetched>();
  let chars = 0;
  return {
    of,
    again(event) {
      const fetched = events.get(event);
      if (!fetched) return;
      fetched.had.clear();
      fetched.run++;
    },
    forget,
    close: () => [...events.keys()].forEach(forget),
  };

  function of(event: Event, request: ScriptFetchRequest, ask: () => Promise<string>): Promise<string> {
    const fetched = events.get(event) ?? { answers: new Map(), had: new Map(), run: 1, chars: 0 };
    events.set(event, fetched);
    const id = lateCrypto().createHash('sha256').update(JSON.stringify(request)).digest('base64');
    const answers = fetched.answers.get(id) ?? [];
    fetched.answers.set(id, answers);
    const at = fetched.had.get(id) ?? 0;
    fetched.had.set(id, at + 1);
    const earlier = answers[at];
    if (!earlier) return keep(event, { fetched, id, answers, asked: ask() });
    const { run } = fetched;
    // It was still under way when its run ended: where it fails then, this run asks for itself.
    return earlier.catch((error: unknown) => {
      if (events.get(event) !== fetched || fetched.run !== run) throw error;
      return of(event, request, ask);
    });
  }

  function forget(event: Event): void {
    const had = events.get(event)?.chars ?? 0;
    chars -= had;
    room.taken -= had;
    events.delete(event);
  }

  function keep(event: Event, { fetched, id, answers, asked }: Asked): Promise<string> {
    answers.push(asked);
    const drop = (): void => {
      const at = answers.indexOf(asked);
      if (at < 0) return;
      answers.splice(at, 1);
      const had = fetched.had.get(id) ?? 0;
      // The run under way may not have come to it yet.
      if (at < had) fetched.had.set(id, had - 1);
    };
    asked.then(answer => {
      if (events.get(event) !== fetched) return;
      const size = answer.length;
      if (chars + size > MAX_CHARS || room.taken + size > MAX_IN_ALL) return drop();
      chars += size;
      room.taken += size;
      fetched.chars += size;
    }, drop);
    return asked;
  }
}
