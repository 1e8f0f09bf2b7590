import { useEffect, useRef } from 'react';

/** After this pause in typing. */
const PAUSE_MS = 400;

/** Runs something as soon as nothing was typed for a moment, and again after each change. */
export function useWatching({ on, what, run }: { on: boolean; what: string; run(): void }): void {
  const latest = useRef(run);
  latest.current = run;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it runs again for each change of what it is about
  useEffect(() => {
    if (!on) return;
    const timer = setTimeout(() => latest.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [on, what]);
}
