/** What a decoder made of bytes. */
export type Decoded =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'value'; value: unknown }
  | { kind: 'image'; type: string; bytes: Uint8Array };

/** A form in which programs store values. */
export interface Decoder {
  /** What it is called among people. */
  name: string;
  /** Whether bytes look like it; a look at a few of them. */
  fits(bytes: Uint8Array): boolean;
  /** Bytes of this form are rarely anything else, so that it is tried before people ask. */
  sure: boolean;
  /** Rejects where it was not it. What it needs is loaded here. */
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
}

/** Whether bytes begin so. */
export function beginsWith(bytes: Uint8Array, ...start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** Bytes as text; undefined where they are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Decoded values as JSON can show them: bytes as hex, large numbers whole, maps as objects. */
export function shownValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return `hex ${Array.from(value, hex).join('')}`;
  if (typeof value === 'bigint') return exact(value);
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, inner]) => [nameOf(name), shownValue(inner)]));
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shownValue(inner)]));
  return value;
}

function exact(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function nameOf(name: unknown): string {
  return typeof name === 'string' ? name : JSON.stringify(shownValue(name));
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
