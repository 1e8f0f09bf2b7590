import { useEffect, useRef, useState } from 'react';
import { health, reportTrouble } from '../../api/health.ts';
import type { WatchState } from '../../api/watch.ts';
import { useStore } from '../../lib/store.ts';
import type { Feed } from './feed.ts';

/** How it stands with the changes, for the one who watches. */
export type Connection =
  | { state: 'connecting' | 'live' }
  | { state: 'away'; reason: string; since: number; revision: number }
  | { state: 'failed'; error: unknown };

/** An absence that is over. */
export interface Absence {
  /** Milliseconds it lasted. */
  lasted: number;
  /** Revision after which it went on; 0 where it is not one. */
  revision: number;
}

const LOOK_MS = 2_000;

/**
 * Joins what the stream knows with what the server says of NATS: a stream stays open while NATS is being restarted, and
 * only comes to rest. `back` tells of the last absence until it is dismissed.
 */
export function useConnection(
  watch: WatchState,
  feed: Feed,
): { connection: Connection; back: Absence | undefined; dismiss(): void } {
  const server = useStore(health);
  const [back, setBack] = useState<Absence>();
  const lost = useRef<{ since: number; revision: number }>(undefined);
  useEffect(() => {
    const timer = setInterval(reportTrouble, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const reason = whyAway(watch, server);
  if (reason !== undefined) lost.current ??= { since: Date.now(), revision: feed.lastRevision() };
  useEffect(() => {
    if (reason !== undefined) return setBack(undefined);
    if (watch.state !== 'live' || !lost.current) return;
    const { since, revision } = lost.current;
    lost.current = undefined;
    setBack({ lasted: Date.now() - since, revision });
  }, [reason, watch.state]);
  const dismiss = () => setBack(undefined);
  if (watch.state === 'failed') return { connection: watch, back: undefined, dismiss };
  if (reason !== undefined && lost.current)
    return { connection: { state: 'away', reason, ...lost.current }, back: undefined, dismiss };
  return { connection: { state: watch.state === 'live' ? 'live' : 'connecting' }, back, dismiss };
}

function whyAway(watch: WatchState, server: ReturnType<typeof health.get>): string | undefined {
  if (watch.state === 'failed' || watch.state === 'connecting') return undefined;
  if (server.state !== 'up') return server.reason;
  return watch.state === 'reconnecting' ? watch.error.message : undefined;
}
