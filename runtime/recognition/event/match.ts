/** How texts of a node are compared. What is stored stays as it was sent. */
export type Match =
  /** Letter by letter. */
  | 'exact'
  /** Without the spaces around them; a letter with an accent is one however it is put together (Unicode's NFC). */
  | 'trim'
  /** The same, and in whatever case. */
  | 'lower';

const EMAIL = /e?mail$/i;

/** Addresses are the same however their letters are written; of other ids nobody knows. */
export function usualMatch(node: string): Match {
  return EMAIL.test(node) ? 'lower' : 'exact';
}

/** What of the settings, `<node>=<match>` each, is not what is usual; by node. */
export function readMatches(normalize: readonly string[]): ReadonlyMap<string, Match> {
  const matches = new Map<string, Match>();
  for (const one of normalize) {
    const at = one.lastIndexOf('=');
    const [node, match] = [one.slice(0, at), one.slice(at + 1)];
    if (isMatch(match) && match !== usualMatch(node)) matches.set(node, match);
  }
  return matches;
}

/** A text as it is compared. */
export function normalized(text: string, match: Match): string {
  if (match === 'exact') return text;
  const plain = text.normalize('NFC').trim();
  return match === 'trim' ? plain : plain.toLowerCase();
}

function isMatch(text: string): text is Match {
  return text === 'exact' || text === 'trim' || text === 'lower';
}
