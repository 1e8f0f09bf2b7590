/**
 * Characters of a stored name that cannot be seen or that move others: controls, marks of direction, zero widths, spaces
 * other than the usual one (Unicode TR36, "Bidirectional text spoofing").
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;

const NAMES: Record<string, string> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u00a0': 'nbsp',
  '\u200b': 'zwsp',
};

/** A piece of a name: text as it is, or what stands for a character that cannot be seen. */
export interface VisiblePart {
  text: string;
  marked: boolean;
  /** Where the piece begins in the name. */
  at: number;
}

/** A name in pieces that can all be seen: `U+202E`, `\n`. */
export function visibleParts(name: string): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let at = 0;
  for (const char of name) {
    const marked = UNSEEN.test(char);
    const last = parts.at(-1);
    if (marked) parts.push({ text: markOf(char), marked, at });
    else if (last && !last.marked) last.text += char;
    else parts.push({ text: char, marked, at });
    at += char.length;
  }
  return parts;
}

/** The same as one text, for titles and labels. */
export function visibleText(name: string): string {
  return visibleParts(name)
    .map(({ text, marked }) => (marked ? `\u27e8${text}\u27e9` : text))
    .join('');
}

function markOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return NAMES[char] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
