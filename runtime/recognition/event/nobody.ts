/** What is no id, whatever the settings say: what programs write where they have none. */
const NEVER = ['', 'nan', 'true', 'false', 'infinity', '-infinity'];
const never = new Set(NEVER);
/** `[object Object]`, and the same of any class. */
const PRINTED = /^\[object .*\]$/;
/**
 * A zero as programs print it: `0`, `-0`, `+0.00`, `0.0e+00`, `0x0`, a UUID of zeros. `0e462` may be an id of
 * hexadecimal digits. */
const ZEROS = /^[{(]?[+-]?(?:0x)?[.,]?0[0.,:-]*(?:e[+-]?0+)?[)}]?$/;
/** Quotes and brackets as people set them, as in `(null)`, `"null"`, `„null“`, `[[undefined]]`. All are one UTF-16 unit. */
const QUOTE = /[\p{Ps}\p{Pe}\p{Pi}\p{Pf}"'`´<>\\]/u;
const MAX_QUOTES = 8;
const PLAIN = /^[a-z1-9]/;
const LETTER = /\p{L}/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Characters that are not to be seen, such as a zero-width space or U+0000; spaces and line ends stay. */
const UNSEEN = /\p{Cf}|(?!\s)\p{Cc}/gu;
const SEEN = /^[ -~]*$/;
const DIGIT = /\p{Nd}/u;
const DIGITS = /\p{Nd}/gu;

/** What {@link isNobody} says of, as a list for a warehouse: `others`, and of what never is an id whatever is commonly stored. */
export function nobodyTexts(others: ReadonlySet<string>): string[] {
  return ['0', '00000000-0000-0000-0000-000000000000', '[object object]', ...NEVER, ...others];
}

/**
 * Whether a text or number names nobody; `others` are what the settings say does not, trimmed and in lower case. In quotes or
 * brackets it is the same as without, and so it is in wide letters and the digits of any script. Text without a letter
 * or a digit names nobody: punctuation, emoji.
 */
export function isNobody(id: string, others: ReadonlySet<string>): boolean {
  if (SEEN.test(id)) return saysNobody(id.trim().toLowerCase(), others);
  // Half a surrogate pair is a mistake that is told, and no way to say nobody.
  if (!id.isWellFormed()) return false;
  const text = id.replace(UNSEEN, '').trim().toLowerCase();
  if (isOfAnotherScript(text)) return others.has(text);
  return saysNobody(text, others) || saysNobody(inPlainLetters(text), others);
}

/** Whether a text begins with a letter that is no form of one of ASCII: it says none of the words for nobody. */
function isOfAnotherScript(text: string): boolean {
  const first = text.charAt(0);
  return first > '\u007f' && LETTER.test(first) && first.normalize('NFKC') === first;
}

function saysNobody(text: string, others: ReadonlySet<string>): boolean {
  if (never.has(text) || others.has(text)) return true;
  // Most ids begin so, and are told at once.
  if (PLAIN.test(text)) return false;
  if (!LETTER_OR_DIGIT.test(text)) return true;
  let inside = text;
  for (let quotes = 0; quotes <= MAX_QUOTES; quotes += 1) {
    if (never.has(inside) || others.has(inside) || ZEROS.test(inside) || PRINTED.test(inside)) return true;
    if (!QUOTE.test(inside.charAt(0)) || !QUOTE.test(inside.slice(-1))) return false;
    inside = inside.slice(1, -1).trim();
  }
  return false;
}

/** Wide letters and digits of other scripts as those of ASCII. */
function inPlainLetters(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(DIGITS, toPlainDigit).trim();
}

/** Each script has its ten digits in one run from zero (Unicode Standard, 4.6). */
function toPlainDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
