/** What was asked before: the same few patterns and subjects come again all the time. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 10_000;

/** Whether a subject fits a pattern of NATS. */
export function matches(pattern: string, subject: string): boolean {
  if (pattern === '>' || pattern === subject) return true;
  const id = `${pattern} ${subject}`;
  const before = known.get(id);
  if (before !== undefined) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const found = compare(pattern.split('.'), subject.split('.'));
  known.set(id, found);
  return found;
}

function compare(wanted: string[], given: string[]): boolean {
  return (
    wanted.every(
      (token, i) => token === '>' || (token === '*' ? given[i] !== undefined : token === given[i]),
    ) &&
    (wanted.at(-1) === '>' || wanted.length === given.length)
  );
}
