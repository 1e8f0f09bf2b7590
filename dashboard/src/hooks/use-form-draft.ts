import { parseExactNumbers } from '../../../contract/exact-number.ts';
import type { Draft } from '../lib/drafts.ts';
import { useDraftOf, useDraftPlace, useKeptDraft } from './use-draft.ts';

/** What was entered into a form and not sent yet. */
export interface FormDraft {
  /** What was entered earlier; undefined as soon as something is entered now. */
  draft: Draft | undefined;
  drop(): void;
  /** It was sent. */
  forget(): void;
  changed: boolean;
}

/** Keeps what is entered into a form as JSON, under a name for the form. `start` is what it began with. */
export function useFormDraft(name: string, text: string, start: string): FormDraft {
  // No bucket has an empty name: what is kept under it belongs to no key.
  const place = useDraftPlace('', name);
  const changed = text !== start;
  const { draft, drop } = useDraftOf(changed ? undefined : place);
  const forget = useKeptDraft(place, changed ? { text, base: '', revision: 0 } : undefined);
  return { draft, drop, forget, changed };
}

/** What a draft of a form holds; undefined where it is no object. */
export function formOf({ text }: Draft): Record<string, unknown> | undefined {
  try {
    return parseExactNumbers(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
