import { useEffect, useMemo, useState } from 'react';
import { useDraftPlace } from '../../hooks/use-draft.ts';
import { type DraftPlace, readDraft, writeDraft } from '../../lib/drafts.ts';
import { type Case, newCase, written } from './case.ts';

const KEEP_MS = 500;
/** What is larger is not kept over a reload. */
const MOST = 200_000;
const FIRST: Case = newCase(
  written([
    { type: 'page', userId: 'ada', url: '/home' },
    { type: 'page', userId: 'grace', url: '/pricing' },
  ]),
);

/**
 * Sample events of a script, `first` until others are typed. They are no part of it: this browser keeps them, for the API key
 * that is used.
 */
export function useSamples(
  script: string,
  first: Case = FIRST,
): [samples: Case, change: (samples: Case) => void, give: (to: string) => void] {
  const place = useDraftPlace('', placeOf(script));
  const [typed, setTyped] = useState<Case>();
  const name = JSON.stringify(place);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place by its name
  const kept = useMemo(() => read(place && readDraft(place)?.text), [name]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place by its name
  useEffect(() => {
    if (!place || !typed) return;
    const timer = setTimeout(() => keep(place, typed), KEEP_MS);
    return () => clearTimeout(timer);
  }, [name, typed]);
  const samples = typed ?? kept ?? first;
  // A script that was new has a name by now.
  const give = (to: string) => place && keep({ ...place, key: placeOf(to) }, samples);
  return [samples, setTyped, give];
}

function placeOf(script: string): string {
  return `samples of script ${script}`;
}

function keep(place: DraftPlace, samples: Case): void {
  const text = JSON.stringify(samples);
  if (text.length <= MOST) writeDraft(place, { text, base: '', revision: 0, at: Date.now() });
}

function read(text: string | undefined): Case | undefined {
  try {
    const samples = JSON.parse(text ?? '') as Case;
    return typeof samples.events === 'string' ? samples : undefined;
  } catch {
    return undefined;
  }
}
