import { fullFormats } from 'ajv-formats/dist/formats.js';

const [FIRST_MS, LAST_MS] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];
const { validate: isWritten } = fullFormats['date-time'] as { validate(text: string): boolean };

/** RFC 3339, and a moment that is counted from 1970 and told in four digits of a year: leap seconds are not. */
export function isTime(text: string): boolean {
  if (!isWritten(text)) return false;
  const at = Date.parse(text);
  return at >= FIRST_MS && at <= LAST_MS;
}
