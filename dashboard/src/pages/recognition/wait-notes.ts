import { asJson, text } from './stored.ts';

const NOTE = 'wait.';

/** What came of the tries to finish a call, as kvflow notes it beside its locks. */
export interface Tries {
  attempts: number;
  code: string;
  message: string;
  triedAt: string;
  nextAt: string;
}

/** Pattern of the notes in the bucket of the locks. */
export const NOTES_FILTER = `${NOTE}>`;

/** Notes by what they are about: a pending call's key, or a destination, whose calls all wait while it is away. */
export function readNotes(
  items: readonly { key: string; value?: string | undefined }[],
): ReadonlyMap<string, Tries> {
  return new Map(
    items.flatMap(({ key, value = '' }) => {
      const tries = triesOf(value);
      return tries ? [[key.slice(NOTE.length), tries] as const] : [];
    }),
  );
}

/** Of a pending call: its own or those of its destination, whichever came last where there are both. */
export function triesFor(notes: ReadonlyMap<string, Tries>, key: string): Tries | undefined {
  const own = notes.get(key);
  const all = notes.get(key.slice(0, key.indexOf('.')));
  if (!own || !all) return own ?? all;
  return own.triedAt > all.triedAt ? own : all;
}

function triesOf(value: string): Tries | undefined {
  try {
    const { attempts, code, message, tried_at, next_try_at } = asJson(JSON.parse(value)) ?? {};
    if (typeof attempts !== 'number') return undefined;
    const times = { triedAt: text(tried_at), nextAt: text(next_try_at) };
    return { attempts, code: text(code), message: text(message), ...times };
  } catch {
    return undefined;
  }
}
