import { useCallback, useEffect, useRef, useState } from 'react';

/** Work that goes through a bucket in several calls: what it has so far, and how it ended. */
export interface Scan<Result> {
  kind: 'idle' | 'running' | 'done' | 'cancelled' | 'failed';
  /** What was found so far; kept after the end. */
  result: Result | undefined;
  error: unknown;
}

/** Runs a scan: `work` tells what it has after each call, and stops when the signal says so. */
export type ScanWork<Result> = (signal: AbortSignal, tell: (result: Result) => void) => Promise<void>;

/** One scan at a time; beginning another, or leaving the page, ends the one before. */
export function useScan<Result>(): {
  scan: Scan<Result>;
  start(work: ScanWork<Result>): void;
  cancel(): void;
} {
  const [scan, setScan] = useState<Scan<Result>>({ kind: 'idle', result: undefined, error: undefined });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = useCallback((work: ScanWork<Result>) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const { signal } = controller;
    const set = (change: Partial<Scan<Result>>) => {
      if (running.current === controller) setScan(now => ({ ...now, ...change }));
    };
    setScan({ kind: 'running', result: undefined, error: undefined });
    work(signal, result => !signal.aborted && set({ result })).then(
      () => !signal.aborted && set({ kind: 'done' }),
      error => !signal.aborted && set({ kind: 'failed', error }),
    );
  }, []);
  const cancel = useCallback(() => {
    running.current?.abort();
    setScan(now => (now.kind === 'running' ? { ...now, kind: 'cancelled' } : now));
  }, []);
  return { scan, start, cancel };
}
