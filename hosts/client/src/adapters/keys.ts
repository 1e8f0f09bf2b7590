/**
 * Keys of other libraries, which may be any text with `:` between its parts, as keys of kvflow, which have dots there: what
 * stays readable does, and every other byte is written as `=` and its two hexadecimal digits.
 */
export function toKey(text: string): string {
  return text.split(':').map(toToken).join('.');
}

/** The text that {@link toKey} made a key of. */
export function fromKey(key: string): string {
  return key.split('.').map(fromToken).join(':');
}

/** A pattern of all keys that begin with these parts. */
export function below(text: string): string {
  const base = text.replace(/:$/, '');
  return base === '' ? '>' : `${toKey(base)}.>`;
}

function toToken(part: string): string {
  // A token is never empty.
  if (part === '') return '=';
  return Array.from(new TextEncoder().encode(part), toCharacters).join('');
}

function toCharacters(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[\w-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`;
}

function fromToken(token: string): string {
  if (token === '=') return '';
  return decodeURIComponent(token.replaceAll('=', '%'));
}
