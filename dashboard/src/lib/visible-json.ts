/**
 * As JSON.stringify, with what cannot be seen or moves other text written as `\u202e`: it is the same JSON, and a person who
 * reads it is not deceived.
 */
export function writeVisible(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) ?? '';
  return text.replace(UNSEEN, escapeOf);
}

/** Outside of its texts JSON has only spaces and line ends, and within them those are escaped already. */
const UNSEEN = /(?![ \n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;

function escapeOf(char: string): string {
  const units = char.split('').map(unit => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return `\\u${units.join('\\u')}`;
}
