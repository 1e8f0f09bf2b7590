import type { Change } from '../../api/change.ts';
import { invoke } from '../../api/invoke.ts';
import { createStore, type Store } from '../../lib/store.ts';
import { eventOf } from './captured.ts';

/** How a filter stands. */
export interface FilterState {
  /** Why changes are no longer judged. */
  error?: unknown;
  /** What the filter threw last, and for how many changes; they are not shown. */
  thrown?: { times: number; message: string };
  /** Changes that came faster than they could be judged, and were left out. */
  left: number;
}

/** Lets changes through that a JavaScript expression says yes to. */
export interface SandboxFilter {
  state: Store<FilterState>;
  push(bucket: string, changes: readonly Change[]): void;
  end(): void;
}

type Judged = { i: number; error?: string };

const EVERY_MS = 250;
const TOGETHER = 1_000;
/** Characters of values in one call. */
const LARGEST = 1_000_000;
const WAITING = 10_000;

/**
 * Runs `expression` over changes in the server's sandbox, a thousand a call and one call after another: `$` is the change with its
 * `bucket`, `key`, `operation`, `revision` and `value`. What it says yes to is handed on in order.
 */
export function createSandboxFilter(
  expression: string,
  pass: (bucket: string, changes: Change[]) => void,
): SandboxFilter {
  const state = createStore<FilterState>({ left: 0 });
  const script = `const i = $.i;\ntry { return (${expression}\n) ? { i } : null } catch (error) { return { i, error: String(error) } }`;
  const ended = new AbortController();
  let queue: { bucket: string; change: Change }[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    state,
    push(bucket, changes) {
      for (const change of changes) queue.push({ bucket, change });
      const over = queue.length - WAITING;
      if (over > 0) {
        queue = queue.slice(over);
        state.set({ ...state.get(), left: state.get().left + over });
      }
      timer ??= setTimeout(judge, EVERY_MS);
    },
    end: () => {
      clearTimeout(timer);
      ended.abort();
    },
  };

  async function judge(): Promise<void> {
    const some = take();
    try {
      const events = some.map(({ bucket, change }, i) => ({ i, ...eventOf({ ...change, bucket }) }));
      const { tests } = await invoke('transform-test', { script, events }, { signal: ended.signal });
      const { events: came = [], differences = [] } = tests[0] ?? {};
      const judged = came as unknown as Judged[];
      // What it throws is caught: this is a text that is no expression, or one that takes too long.
      if (judged.length === 0 && differences[0] !== undefined) throw new Error(differences[0]);
      const thrown = judged.filter(({ error }) => error !== undefined);
      for (const { i, error } of judged) {
        const one = some[i];
        if (one && error === undefined) pass(one.bucket, [one.change]);
      }
      if (thrown.length > 0) note(thrown);
    } catch (error) {
      if (!ended.signal.aborted) state.set({ ...state.get(), error });
      return;
    }
    timer = queue.length > 0 ? setTimeout(judge, 0) : undefined;
  }

  function take() {
    let room = LARGEST;
    let count = 0;
    while (count < Math.min(TOGETHER, queue.length)) {
      room -= queue[count]?.change.value?.length ?? 0;
      if (room < 0 && count > 0) break;
      count += 1;
    }
    return queue.splice(0, count);
  }

  function note(thrown: Judged[]): void {
    const times = (state.get().thrown?.times ?? 0) + thrown.length;
    state.set({ ...state.get(), thrown: { times, message: thrown.at(-1)?.error ?? '' } });
  }
}
