import { useEffect, useRef, useState } from 'react';
import { useStore } from '../lib/store.ts';
import type { ApiError } from './api-error.ts';
import type { Change, WatchRange } from './change.ts';
import { session } from './session.ts';
import type { WatchState } from './watch.ts';
import { watchBucket } from './watch.ts';

/** What {@link useWatches} calls. */
export interface WatchesListener {
  /** Changes of one bucket, in its order. */
  onChanges(bucket: string, changes: Change[]): void;
  /** What was there at the start of a bucket's watch has been told. */
  onSynced?(bucket: string): void;
}

/** How several watches stand. */
export interface WatchesState {
  /** Reconnecting where one is, live where one is, failed where all are. */
  state: WatchState;
  /** Buckets that cannot be watched, with why. */
  failed: ReadonlyMap<string, ApiError>;
}

const CONNECTING: WatchState = { state: 'connecting' };

/**
 * Watches several buckets while the component is shown, each once. A bucket that leaves the list is let go and one that comes is
 * begun; the others go on without noticing. All of them share the browser's one connection.
 */
export function useWatches(ranges: readonly WatchRange[], listener: WatchesListener): WatchesState {
  const [states, setStates] = useState<ReadonlyMap<string, WatchState>>(new Map());
  const { key } = useStore(session);
  const current = useRef(listener);
  current.current = listener;
  const watched = useRef(new Map<string, () => void>());
  const asked = useRef(key);
  // What is asked for, and of the start only the first counts: where a watch began does not change.
  const wanted = JSON.stringify(ranges.map(({ bucket, filter }) => [bucket, filter]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` says what of the ranges matters
  useEffect(() => {
    if (asked.current !== key) endAll(watched.current);
    asked.current = key;
    const names = new Set(ranges.map(({ bucket }) => bucket));
    for (const [bucket, end] of watched.current) {
      if (names.has(bucket)) continue;
      end();
      watched.current.delete(bucket);
      setStates(without(bucket));
    }
    for (const range of ranges) if (!watched.current.has(range.bucket)) begin(range);
  }, [wanted, key]);
  useEffect(() => () => endAll(watched.current), []);
  return { state: joined([...states.values()]), failed: failedOf(states) };

  function begin(range: WatchRange): void {
    const { bucket } = range;
    const end = watchBucket(range, {
      onChanges: changes => current.current.onChanges(bucket, changes),
      onSynced: () => current.current.onSynced?.(bucket),
      onState: state => setStates(before => new Map(before).set(bucket, state)),
    });
    watched.current.set(bucket, end);
  }
}

function endAll(watched: Map<string, () => void>): void {
  for (const end of watched.values()) end();
  watched.clear();
}

function without(bucket: string) {
  return (before: ReadonlyMap<string, WatchState>) => {
    const rest = new Map(before);
    rest.delete(bucket);
    return rest;
  };
}

function joined(states: readonly WatchState[]): WatchState {
  const of = (name: WatchState['state']) => states.find(({ state }) => state === name);
  if (states.length > 0 && states.every(({ state }) => state === 'failed')) return of('failed') ?? CONNECTING;
  return of('reconnecting') ?? of('live') ?? CONNECTING;
}

function failedOf(states: ReadonlyMap<string, WatchState>): ReadonlyMap<string, ApiError> {
  return new Map(
    [...states].flatMap(([bucket, one]) => (one.state === 'failed' ? [[bucket, one.error]] : [])),
  );
}
