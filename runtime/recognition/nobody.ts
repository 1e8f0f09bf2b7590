/** What is no id, whatever the settings say: what programs write where they have none. */
const NEVER = ['', 'nan', 'true', 'false', 'infinity', '-infinity', '{}', '[]', '()', '""', "''"];
const never = new Set(NEVER);
/** `[object Object]`, and the same of any class. */
const PRINTED = /^\[object .*\]$/;
/**
 * A zero as programs print it: `0`, `-0`, `+0.00`, `0.0e+00`, `0x0`, a UUID of zeros. `0e462` may be an id of
 * hexadecimal digits. */
const ZEROS = /^[{(]?[+-]?(?:0x)?[.,]?0[0.,:-]*(?:e[+-]?0+)?[)}]?$/;
/** Quotes and brackets around a text, as in `(null)`, `"null"`, `<undefined>`. */
const QUOTED = /^(?:"(.*)"|'(.*)'|`(.*)`|\((.*)\)|<(.*)>|\[(.*)\]|\{(.*)\})$/;
const PLAIN = /^[a-z1-9]/;
/** Characters that are not to be seen, such as a zero-width space. */
const UNSEEN = /\p{Cf}/gu;
const SEEN = /^[ -~]*$/;

/** What {@link isNobody} says of, as a list for a warehouse: `others`, and of what never is an id whatever is commonly stored. */
export function nobodyTexts(others: ReadonlySet<string>): string[] {
  return ['0', '00000000-0000-0000-0000-000000000000', '[object object]', ...NEVER, ...others];
}

/**
 * Whether a text or number names nobody; `others` are what the settings say does not, trimmed and in lower case. In quotes or
 * brackets it is the same as without.
 */
export function isNobody(id: string, others: ReadonlySet<string>): boolean {
  const text = (SEEN.test(id) ? id : id.replace(UNSEEN, '')).trim().toLowerCase();
  if (never.has(text) || others.has(text)) return true;
  // Most ids begin so, and are told at once.
  if (PLAIN.test(text)) return false;
  if (ZEROS.test(text) || PRINTED.test(text)) return true;
  const inside = QUOTED.exec(text)
    ?.slice(1)
    .find(part => part !== undefined);
  return inside !== undefined && (never.has(inside) || others.has(inside) || ZEROS.test(inside));
}
