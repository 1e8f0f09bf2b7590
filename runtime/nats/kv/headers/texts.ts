/** How values are written as texts of headers, and read again; which header has what is in names.ts. */
import { PackError } from '../../../../contract/errors.ts';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import { formatWrittenBy } from '../../../../contract/written-by.ts';
import type { KvScheduled } from '../../../core/ports/items.ts';

/** The headers of a stored message that say something. Reading them is how markers and expiry are known. */
export interface MessageHeaders {
  get(name: string): string;
  /** How many bytes they are as they are stored, one of them left out; 0: there is no other. */
  bytes?(without: string): number;
}

const LONGEST_METADATA = 4_096;
const MAX_METADATA_BYTES = 1_024;
const UNITS: Record<string, number> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** Nanoseconds of a `Nats-TTL`, which is whole seconds or a Go duration such as 1h30m (ADR-43). */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1e9;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|us|ns|h|m|s)/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  }
  return total > 0 ? total : undefined;
}

/** Names and texts as one JSON object in ASCII. Throws INVALID_INPUT at the pointer. */
export function metadataText(pointer: string, metadata: Record<string, string>): string {
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_METADATA_BYTES) {
    throw fault(pointer, `has ${bytes} bytes as JSON and ${MAX_METADATA_BYTES} are allowed`);
  }
  return checkedText(pointer, toAscii(text), LONGEST_METADATA);
}

/** The object that {@link metadataText} wrote. Another client may have written anything there: what is no object of texts says nothing. */
export function readMetadata(text: string): Record<string, string> | undefined {
  if (!text) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    return Object.values(found).every(value => typeof value === 'string')
      ? (found as Record<string, string>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What an item waits for; undefined where the text says nothing of it. */
export function readScheduled(text: string): KvScheduled | undefined {
  if (!text) return undefined;
  try {
    const found = JSON.parse(text) as KvScheduled | null;
    return Number.isSafeInteger(found?.at) && found ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Callers write often: what they are is put into words once. */
const words = new WeakMap<WrittenBy, string>();

/** Who wrote, as the header says it. */
export function writtenByText(by: WrittenBy): string {
  let text = words.get(by);
  if (text === undefined) {
    text = formatWrittenBy(by);
    words.set(by, text);
  }
  return text;
}

function toAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text, where it can be a header. Throws INVALID_INPUT at the pointer. */
export function checkedText(pointer: string, text: string, longest: number): string {
  if (text.length <= longest && /^[\x20-\x7e]*$/.test(text)) return text;
  throw fault(pointer, `must be printable ASCII of at most ${longest} characters`);
}

function fault(pointer: string, message: string): PackError {
  const text = `${pointer.slice(1)} ${message}`;
  return new PackError('INVALID_INPUT', text, { errors: [{ pointer, message }] });
}
