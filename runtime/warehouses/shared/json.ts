import { bigintJson } from '../../core/json/bigint-json.ts';

/** JSON text of a value, whole numbers above 2^53 (bigint) with all their digits. Throws where it is nested too deeply. */
export function exactJson(value: unknown): string {
  return bigintJson(value, big => RawJson.rawJSON(String(big)));
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
