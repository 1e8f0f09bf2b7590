/**
 * Runs once for all tabs of a browser: they share one connection, since a browser opens six to a server at most and each page
 * needs some for its calls.
 */
import type { WatchHub } from './watch-hub.ts';
import { createWatchHub } from './watch-hub.ts';
import type { FromTab, ToTab } from './watch-port.ts';

const hubs = new Map<string | undefined, WatchHub>();

addEventListener('connect', event => {
  const [port] = (event as MessageEvent).ports;
  if (port) serve(port);
});

function serve(port: MessagePort): void {
  const ends = new Map<number, () => void>();
  port.onmessage = ({ data }: MessageEvent<FromTab>) => {
    if (data.kind === 'here') return whenGone(data.lock, () => endAll());
    if (data.kind === 'end') {
      ends.get(data.id)?.();
      ends.delete(data.id);
      return;
    }
    const { id, key, range } = data;
    const tell = (news: ToTab['news']) => port.postMessage({ id, news } satisfies ToTab);
    ends.set(id, hubOf(key).watch(range, tell));
  };

  function endAll(): void {
    for (const end of ends.values()) end();
    ends.clear();
    port.close();
  }
}

function hubOf(key: string | undefined): WatchHub {
  for (const [name, hub] of hubs) if (name !== key && hub.size() === 0) hubs.delete(name);
  const hub = hubs.get(key) ?? createWatchHub(key);
  hubs.set(key, hub);
  return hub;
}

/** A tab holds a lock for as long as it lives, however it ends. */
function whenGone(lock: string, then: () => void): void {
  void navigator.locks.request(lock, then);
}
