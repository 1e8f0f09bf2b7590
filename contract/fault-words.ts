/** The words of faults that a value has against its schema: the same in an answer of the server and beside a field of a form. */

/** Of a property that must be given; `description` is the property's. */
export function requiredWords(description: unknown): string {
  return typeof description === 'string' ? `is required: ${firstSentence(description)}` : 'is required';
}

/** Of a property that nothing knows; `known` are those there are. */
export function unknownWords(known: Iterable<string>): string {
  const names = [...known].join(', ');
  return names ? `is not a known property; known are: ${names}` : 'is not a known property';
}

/** Of a value of another type. */
export function typeWords(types: readonly string[]): string {
  return `must be ${types.join(' or ')}`;
}

/** Of a value that is none of a few. */
export function choiceWords(values: readonly unknown[]): string {
  return `must be one of: ${values.join(', ')}`;
}

/** Of a text that its pattern does not allow. */
export const PATTERN_WORDS = 'has characters that are not allowed here';

/** Of a text that is no time, or no moment that there is. */
export const TIME_WORDS = 'must be a time such as 2026-01-31T12:00:00Z';

/** With what to change, where the schema says it (`x-hint`). */
export function withHint(words: string, hint: unknown): string {
  return typeof hint === 'string' ? `${words}. ${hint}` : words;
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s/, 1)[0] ?? text;
}
