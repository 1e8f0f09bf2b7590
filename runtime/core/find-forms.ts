/** The next part of a text, from a place on, that is covered by forms; undefined: there is none. */
export type Finder = (text: string, from: number) => { start: number; end: number } | undefined;

/** What is taken for a form beside the whole of it. */
export interface Taken {
  /** So many of its first characters. */
  enough: number;
  /** A beginning of it that the text was cut behind. */
  cut: boolean;
}

/** No form is shorter. */
const HEAD = 4;
const CUT = '...';

/**
 * Finds many texts in another, in time that grows with the other alone: nearly all places are passed over by their first
 * two characters, at the others no more than `enough` characters of a form are looked at in vain. Forms that overlap are
 * one part.
 */
export function createFinder(forms: ReadonlySet<string>, { enough, cut }: Taken): Finder {
  const byHead = Map.groupBy(forms, form => form.slice(0, HEAD));
  const pairs = new Uint8Array(65_536);
  for (const head of byHead.keys()) pairs[pairAt(head, 0)] = 1;

  /** Where the longest form that begins there ends; what is before `covered` is not looked at again. */
  function endAt(text: string, at: number, covered: number): number {
    let end = 0;
    for (const form of byHead.get(text.slice(at, at + HEAD)) ?? []) {
      let length = Math.min(form.length, Math.max(HEAD, covered - at));
      while (length < form.length && form.charCodeAt(length) === text.charCodeAt(at + length)) length++;
      if (length === form.length || length >= enough || (cut && isCut(text, at + length)))
        end = Math.max(end, at + length);
    }
    return end;
  }

  return (text, from) => {
    let start = 0;
    let end = 0;
    const last = text.length - HEAD;
    for (let at = from; at <= (end === 0 ? last : Math.min(last, end - 1)); at++) {
      if (pairs[pairAt(text, at)] === 0) continue;
      const ends = endAt(text, at, end);
      if (ends > 0 && end === 0) start = at;
      end = Math.max(end, ends);
    }
    return end === 0 ? undefined : { start, end };
  };
}

function isCut(text: string, at: number): boolean {
  return at === text.length || text.startsWith(CUT, at);
}

function pairAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 257 + text.charCodeAt(at + 1)) & 0xffff;
}
