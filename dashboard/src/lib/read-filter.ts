const TOKEN = '(?:\\*|[^\\s.*<>/:"]+)';
/** Tokens between dots, at least one of them a wildcard, as NATS has them. */
const PATTERN = new RegExp(`^(?=.*[*>])${TOKEN}(?:\\.${TOKEN})*(?:\\.>)?$`);

/** What a text in the box of the keys means. */
export interface ReadFilter {
  /** As the server takes it; `>` for every key. */
  pattern: string;
  /** What is looked for where the text is no pattern: part of a name, a glob, size, age; see kv-key-find. */
  search: string | undefined;
}

/**
 * What a text means: `pattern` for what takes patterns alone, and `search` where it is none: a pattern has a wildcard, or a dot
 * at its end, which means what is below it.
 */
export function readFilter(text: string): ReadFilter {
  if (text === '') return { pattern: '>', search: undefined };
  if (/^[^\s<>*:"]*\.$/.test(text)) return { pattern: `${text}>`, search: undefined };
  return { pattern: text, search: text === '>' || PATTERN.test(text) ? undefined : text };
}
