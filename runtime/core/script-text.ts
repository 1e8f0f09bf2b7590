/** What the text of a script tells without being parsed: what has to be fetched before it can run. */

import { textMemo } from './text-memo.ts';

/** A library that a script imports by name. */
export interface ImportedLibrary {
  /** As it is imported: `lib:name@3`. */
  name: string;
  id: string;
  release: string | undefined;
}

/** What a script may need; each is asked for where the text only mentions it. */
export interface ScriptText {
  libraries: readonly ImportedLibrary[];
  /** It may use secrets: scripts that mention neither `$secrets` nor `getCredential` are given none. */
  secrets: boolean;
  /** It may take all events of a call at once. */
  batch: boolean;
}

const LIBRARY = /(['"`])lib:([A-Za-z0-9_-]{1,255})(?:@([A-Za-z0-9._-]{1,64}))?\1/g;
const MAY_USE_SECRETS = /secrets|getCredential|\\u/;
const MAY_BE_BATCH = /\b(transformBatch|onBatch)\b/;

/** Looks through a script, once: it comes with every call. */
export const aboutScript: (script: string) => ScriptText = textMemo(script => ({
  libraries: [...script.matchAll(LIBRARY)].map(([quoted, , id = '', release]) => ({
    name: quoted.slice(1, -1),
    id,
    release,
  })),
  secrets: MAY_USE_SECRETS.test(script),
  batch: MAY_BE_BATCH.test(script),
}));
