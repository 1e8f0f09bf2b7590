/**
 * Runs once for all tabs of a browser: they share one connection, since a browser opens six to a server at most and each page
 * needs some for its calls.
 */
import { createWatchHubs } from './watch-hub.ts';
import type { FromTab, ToTab } from './watch-port.ts';

const hubOf = createWatchHubs();

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

/** A tab holds a lock for as long as it lives, however it ends. */
function whenGone(lock: string, then: () => void): void {
  void navigator.locks.request(lock, then);
}
