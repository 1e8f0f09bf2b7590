import { ApiError } from './api-error.ts';
import type { Change, WatchRange } from './change.ts';
import { reportTrouble } from './health.ts';
import { refuse, session } from './session.ts';
import type { WatchNews } from './watch-hub.ts';
import type { Watcher } from './watch-port.ts';
import { openWatcher } from './watch-port.ts';

/** connecting: for the first time; live; reconnecting: was live, and goes on without a gap once it is again; failed: for good. */
export type WatchState =
  | { state: 'connecting' | 'live' }
  | { state: 'reconnecting'; error: ApiError; attempt: number }
  | { state: 'failed'; error: ApiError };

/** What is told to the one who watches. */
export interface WatchListener {
  /** Changes in order, those that came together. Never empty. */
  onChanges(changes: Change[]): void;
  onState?(state: WatchState): void;
  /** All that was there at the start has been told; with the revision the bucket stood at. */
  onSynced?(revision: number): void;
  /** What was told before says nothing any more: the bucket was made again, or too much has happened. */
  onReset?(): void;
}

let watcher: Watcher | undefined;

/**
 * Watches a bucket until the returned function is called. Lost connections, restarts of kvflow and of NATS are survived:
 * it goes on after the last event that was told, without a gap or a repetition. All tabs of a browser share one connection.
 */
export function watchBucket(range: WatchRange, listener: WatchListener): () => void {
  watcher ??= openWatcher();
  const { key } = session.get();
  listener.onState?.({ state: 'connecting' });
  return watcher(key, range, news => tell(news, listener, key));
}

function tell(news: WatchNews, listener: WatchListener, key: string | undefined): void {
  if (news.kind === 'changes') listener.onChanges(news.changes);
  else if (news.kind === 'synced') listener.onSynced?.(news.revision);
  else if (news.kind === 'reset') listener.onReset?.();
  else if (news.kind === 'live') listener.onState?.({ state: 'live' });
  else {
    const error = new ApiError(news.error, { status: news.status });
    // An answer to a key that was replaced meanwhile says nothing of the new one.
    if (error.code === 'UNAUTHENTICATED' && session.get().key === key) refuse(error.message);
    reportTrouble();
    if (news.kind === 'failed') listener.onState?.({ state: 'failed', error });
    else listener.onState?.({ state: 'reconnecting', error, attempt: news.attempt });
  }
}
