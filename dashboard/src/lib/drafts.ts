/**
 * What was typed and not saved yet. It is kept in this browser, so that it outlives a reload, a log-out, a revoked API key and
 * a server that is away, and is offered to the API key alone under whose name it was typed.
 */
export interface Draft {
  /** What the editor held. */
  text: string;
  /** Revision that it changes; 0: a key that does not exist yet. */
  revision: number;
  /** The value at that revision, for what others have written meanwhile. */
  base: string;
  encoding?: 'base64' | undefined;
  /** Milliseconds since 1970. */
  at: number;
}

/** Whose draft it is, and of what. */
export interface DraftPlace {
  /** Name of the API key. */
  owner: string;
  bucket: string;
  key: string;
}

const PREFIX = 'kvflow.draft:';
/** Older ones go when another is written: browsers keep some five megabytes for a site. */
const MAX_DRAFTS = 50;

/** The draft of a place; undefined where there is none. */
export function readDraft(place: DraftPlace): Draft | undefined {
  return parse(storage()?.getItem(nameOf(place)));
}

/** Keeps a draft, in place of the one before. False where the browser keeps nothing for us. */
export function writeDraft(place: DraftPlace, draft: Draft): boolean {
  const kept = storage();
  if (!kept) return false;
  try {
    dropOldest(kept);
    kept.setItem(nameOf(place), JSON.stringify(draft));
    return true;
  } catch {
    return false; // The browser's room is used up.
  }
}

/** Forgets the draft: it was saved, or is not wanted. */
export function dropDraft(place: DraftPlace): void {
  storage()?.removeItem(nameOf(place));
}

function nameOf({ owner, bucket, key }: DraftPlace): string {
  return PREFIX + JSON.stringify([owner, bucket, key]);
}

function dropOldest(kept: Storage): void {
  const names = Object.keys(kept).filter(name => name.startsWith(PREFIX));
  const age = (name: string) => parse(kept.getItem(name))?.at ?? 0;
  const extra = names.sort((a, b) => age(a) - age(b)).slice(0, Math.max(0, names.length - MAX_DRAFTS));
  for (const name of extra) kept.removeItem(name);
}

function parse(text: string | null | undefined): Draft | undefined {
  try {
    const draft = JSON.parse(text ?? '') as Draft;
    return typeof draft.text === 'string' && typeof draft.base === 'string' ? draft : undefined;
  } catch {
    return undefined;
  }
}

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
