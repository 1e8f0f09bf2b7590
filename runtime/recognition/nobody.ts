/** What is no id, whatever the settings say: what programs write where they have none. */
const NEVER = new Set(['nan', 'true', 'false', '{}', '[]']);
const PRINTED = /^\[object .*\]$/;
const ZEROS = /^[{(]?0[0-]*[)}]?$/;

/** Whether a text or number names nobody; `others` are what the settings say does not, trimmed and in lower case. */
export function isNobody(id: string, others: ReadonlySet<string>): boolean {
  const text = id.trim().toLowerCase();
  return text === '' || others.has(text) || ZEROS.test(text) || NEVER.has(text) || PRINTED.test(text);
}
