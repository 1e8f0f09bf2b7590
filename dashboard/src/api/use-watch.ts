import { useEffect, useRef, useState } from 'react';
import { useStore } from '../lib/store.ts';
import type { Change, WatchRange } from './change.ts';
import { session } from './session.ts';
import type { WatchState } from './watch.ts';
import { watchBucket } from './watch.ts';

/** What {@link useWatch} calls. */
export interface UseWatchOptions {
  onChanges(changes: Change[]): void;
  onSynced?(revision: number): void;
  /** False: nothing is watched. */
  enabled?: boolean;
}

/** Watches while the component is shown; begins anew when the range changes. Answers how the connection is. */
export function useWatch(
  { bucket, filter, start }: WatchRange,
  { enabled = true, ...listener }: UseWatchOptions,
): WatchState {
  const [state, setState] = useState<WatchState>({ state: 'connecting' });
  // A stream that was refused is asked for again with another key.
  const { key } = useStore(session);
  const current = useRef(listener);
  current.current = listener;
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (!enabled) return;
    return watchBucket(
      { bucket, filter, ...(start && { start }) },
      {
        onChanges: changes => current.current.onChanges(changes),
        onSynced: revision => current.current.onSynced?.(revision),
        // Whoever only looks again when something has changed does so now.
        onReset: () => current.current.onChanges([]),
        onState: setState,
      },
    );
  }, [bucket, filter, start, enabled, key]);
  return state;
}
