import { useEffect, useState } from 'react';
import { untilAnswered } from '../api/health.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import { Notice } from '../components/notice.tsx';

/** When the last reload was, by which one that did not help is known. */
const RELOADED = 'kvflow.reloaded-at';
const AGAIN_MS = 10_000;

/**
 * In place of a page whose files could not be loaded. A page of an older build asks for files that are gone: a reload brings the
 * new ones. It waits until kvflow answers, for of a page that is reloaded before, nothing is left.
 */
export function NotLoaded({ error }: { error: unknown }) {
  const [helpless] = useState(() => Date.now() - Number(sessionStorage.getItem(RELOADED)) < AGAIN_MS);
  useEffect(() => {
    if (helpless) return;
    const left = new AbortController();
    void untilAnswered(left.signal).then(() => {
      if (!left.signal.aborted) reload();
    });
    return () => left.abort();
  }, [helpless]);
  if (helpless) return <ErrorNotice error={error} title="This page could not be loaded" onRetry={reload} />;
  return <Notice title="This page is not loaded yet">It comes as soon as kvflow answers.</Notice>;
}

function reload(): void {
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}
