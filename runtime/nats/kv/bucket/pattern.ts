/** Whether a key or subject fits a pattern of NATS: `*` is a whole token, `>` at the end is one or more. */
export function fitsPattern(text: string, pattern: string): boolean {
  const [tokens, wanted] = [text.split('.'), pattern.split('.')];
  const isOpen = wanted.at(-1) === '>';
  if (isOpen ? tokens.length < wanted.length : tokens.length !== wanted.length) return false;
  return wanted.every(
    (each, at) => each === '*' || each === tokens[at] || (isOpen && at === wanted.length - 1),
  );
}
