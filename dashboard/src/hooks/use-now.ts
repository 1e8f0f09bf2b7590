import { useEffect, useState } from 'react';

/** The time, anew every so many milliseconds, for what is shown as "3 min ago" or counts down. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
