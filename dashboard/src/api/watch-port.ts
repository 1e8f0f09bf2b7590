import type { WatchRange } from './change.ts';
import type { WatchNews } from './watch-hub.ts';
import { createWatchHubs } from './watch-hub.ts';

/** What a tab says to the worker. */
export type FromTab =
  | { kind: 'here'; lock: string }
  | { kind: 'watch'; id: number; key: string | undefined; range: WatchRange }
  | { kind: 'end'; id: number };

/** What the worker says to a tab. */
export interface ToTab {
  id: number;
  news: WatchNews;
}

/** Where watches run: in the worker that all tabs share, or in this tab where the browser has none. */
export type Watcher = (
  key: string | undefined,
  range: WatchRange,
  tell: (news: WatchNews) => void,
) => () => void;

/** Opens it, at the first watch. */
export function openWatcher(): Watcher {
  if (typeof SharedWorker === 'undefined' || !navigator.locks) return ownWatcher();
  try {
    return sharedWatcher(new SharedWorker(new URL('./watch-worker.ts', import.meta.url), { type: 'module' }));
  } catch {
    return ownWatcher();
  }
}

function sharedWatcher({ port }: SharedWorker): Watcher {
  const listeners = new Map<number, (news: WatchNews) => void>();
  const say = (message: FromTab) => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<ToTab>) => listeners.get(data.id)?.(data.news);
  holdLock(lock => say({ kind: 'here', lock }));
  let ids = 0;
  return (key, range, tell) => {
    const id = ids++;
    listeners.set(id, tell);
    say({ kind: 'watch', id, key, range });
    return () => {
      listeners.delete(id);
      say({ kind: 'end', id });
    };
  };
}

/** The lock is given up by the browser when the tab is gone. */
function holdLock(held: (name: string) => void): void {
  const name = `kvflow.tab.${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  void navigator.locks.request(name, () => {
    held(name);
    return new Promise(() => {});
  });
}

function ownWatcher(): Watcher {
  const hubOf = createWatchHubs();
  return (key, range, tell) => hubOf(key).watch(range, tell);
}
