import { PackError } from '../../../contract/errors.ts';
import { parseExact } from '../../../contract/exact-json.ts';
import type { Call } from '../call.ts';
import type { KvStore } from '../ports/kv-store.ts';
import type { KvPut } from '../ports/writes.ts';

/** Stores JSON text; where it is too large for the bucket or for NATS, compressed. Throws VALUE_TOO_LARGE if it still is. */
export async function putPacked(kv: KvStore, call: Call, write: KvPut & { value: string }): Promise<number> {
  try {
    return (await kv.put(call, write)).revision;
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    return (
      await kv.put(call, {
        ...write,
        value: await through(new CompressionStream('deflate-raw'), write.value),
      })
    ).revision;
  }
}

/** The JSON value that {@link putPacked} stored; undefined of anything else, of what has another shape, and of more than 64 MiB. */
export async function unpack<T>(
  stored: Uint8Array,
  isShape: (value: unknown) => value is T,
): Promise<T | undefined> {
  try {
    const plain =
      stored[0] === BRACE ? stored : await through(new DecompressionStream('deflate-raw'), stored);
    const value: unknown = parseExact(decoder.decode(plain));
    return isShape(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value was refused for its size. */
export function isTooLarge(error: unknown): error is PackError {
  return error instanceof PackError && error.code === 'VALUE_TOO_LARGE';
}

const BRACE = '{'.charCodeAt(0);
/** More than any call may carry: a few bytes can be unpacked to a thousand times as many. */
const MAX_PLAIN = 64 * 1024 * 1024;
const decoder = new TextDecoder();

async function through(
  stream: CompressionStream | DecompressionStream,
  value: string | Uint8Array,
): Promise<Uint8Array> {
  const source = new Blob([value as Uint8Array<ArrayBuffer> | string]).stream();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of source.pipeThrough(stream)) {
    bytes += part.length;
    if (bytes > MAX_PLAIN) throw new Error(`more than ${MAX_PLAIN} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
