import { useEffect, useMemo, useRef, useState } from 'react';
import { useAccess } from '../api/access.ts';
import { type Draft, type DraftPlace, dropDraft, readDraft, writeDraft } from '../lib/drafts.ts';

/** After this pause in typing the draft is kept, and at once when the page or the tab is left. */
const DRAFT_MS = 300;

/** What was typed, without when. */
export type Typed = Omit<Draft, 'at'>;

/**
 * Keeps what is typed; undefined: there is nothing to keep. Answers what ends that until something else is typed: it was saved,
 * or is not wanted. A draft that another tab has kept meanwhile is left alone.
 */
export function useKeptDraft(place: DraftPlace | undefined, typed: Typed | undefined): () => void {
  /** The text that was saved, or is not wanted. */
  const over = useRef<string>(undefined);
  const kept = useRef<string>(undefined);
  const keep = useRef(() => {});
  keep.current = () => {
    if (!place || !typed || typed.text === over.current) return;
    if (writeDraft(place, { ...typed, at: Date.now() })) kept.current = typed.text;
  };
  const text = typed?.text;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the text is kept after a pause
  useEffect(() => {
    const timer = setTimeout(() => keep.current(), DRAFT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const now = () => keep.current();
    addEventListener('pagehide', now);
    return () => {
      removeEventListener('pagehide', now);
      now();
    };
  }, []);
  return () => {
    over.current = text;
    if (!place) return;
    const there = readDraft(place)?.text;
    if (kept.current === undefined || there === kept.current || there === text) dropDraft(place);
  };
}

/** The draft of a place that was typed under this API key, and ways to forget it and to look again. */
export function useDraftOf(place: DraftPlace | undefined) {
  const [looks, setLooks] = useState(0);
  const name = JSON.stringify(place);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a draft comes and goes while the page is open
  const draft = useMemo(() => place && readDraft(place), [name, looks]);
  const look = () => setLooks(count => count + 1);
  const drop = () => {
    if (place) dropDraft(place);
    look();
  };
  return { draft, drop, look };
}

/** Where a draft of this API key is kept; undefined until its name is known. */
export function useDraftPlace(bucket: string, key: string): DraftPlace | undefined {
  const owner = useAccess()?.name;
  return owner === undefined ? undefined : { owner, bucket, key };
}
