const MAX_TEXTS = 500;
const MAX_CHARS = 8 << 20;

/**
 * Remembers what `make` found out about a text, such as a script that is sent with every call, so that it is looked
 * through once. What was not asked for lately is forgotten: at most 500 texts, or 8 million characters, are kept twice over.
 */
export function textMemo<T>(make: (text: string) => T): (text: string) => T {
  // Two generations: the older one is dropped as a whole, so that nothing is ever sorted or swept.
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  let chars = 0;
  return text => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const found = old.get(text) ?? make(text);
    if (young.size >= MAX_TEXTS || chars + text.length > MAX_CHARS) {
      old = young;
      young = new Map();
      chars = 0;
    }
    chars += text.length;
    young.set(text, found);
    return found;
  };
}
