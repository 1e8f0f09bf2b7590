/** JSON text of a value, whole numbers above 2^53 (bigint) with all their digits. Throws where it is nested too deeply. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, exact);
}

/** Looks at the value itself: libraries give BigInt a toJSON, which makes text of it before it gets here. */
function exact(this: Record<string, unknown>, key: string, each: unknown): unknown {
  const own = this[key];
  return typeof own === 'bigint' ? RawJson.rawJSON(String(own)) : each;
}

/** In every Node since 21, and not yet in the types of the language. */
const RawJson = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
