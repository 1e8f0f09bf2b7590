/** Takes secrets out of whatever is told. */
export interface Mask {
  text(text: string): string;
  /** JSON text: stays JSON. */
  json(text: string): string;
  /** Any JSON value; the same where it has no secret. */
  value<T>(value: T): T;
}

const MASKED = '***';
const MAX_DEPTH = 1_000;

/** Of secrets as they are, and in the forms that they are sent in: base64, hexadecimal, as part of a URL. */
export function createMask(secrets: readonly string[]): Mask {
  const needles = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const has = (text: string): boolean => needles.some(needle => text.includes(needle));
  const text = (plain: string): string =>
    needles.reduce((rest, needle) => rest.replaceAll(needle, MASKED), plain);
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number' || typeof value === 'bigint') return has(String(value)) ? MASKED : value;
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
    if (Array.isArray(value)) return value.map(item => walk(item, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), walk(item, depth + 1)]));
  };
  const escaped = needles.map(needle => JSON.stringify(needle).slice(1, -1));
  const mayHave = (json: string): boolean => escaped.some(needle => json.includes(needle)) || has(json);

  return {
    text,
    value: value => (mayHave(JSON.stringify(value) ?? '') ? (walk(value, 0) as typeof value) : value),
    json: json => (mayHave(json) ? JSON.stringify(walk(JSON.parse(json), 0)) : json),
  };
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [secret, base64, bytes.toString('base64url'), bytes.toString('hex'), encodeURIComponent(secret)];
}
