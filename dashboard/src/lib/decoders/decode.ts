import { isNotLoaded } from '../failed-loads.ts';
import { isJson } from '../json-text.ts';
import { parseOrdered } from '../ordered-json.ts';
import { gzip, zlib } from './compressed.ts';
import { type Decoded, type Decoder, textOf } from './decoder.ts';
import { image } from './image.ts';
import { cbor, messagePack } from './packed.ts';
import { protobuf } from './protobuf.ts';
import { base64, jwt } from './text.ts';

/** In the order they are tried. */
const DECODERS: readonly Decoder[] = [gzip, zlib, image, jwt, base64, messagePack, cbor, protobuf];
/** Forms within forms, such as gzip in base64. */
const MAX_STEPS = 5;

/** What came of bytes, and on which way. */
export interface Way {
  steps: string[];
  result: Decoded;
}

/** Names of the forms that bytes may have. `named` is what somebody says they are. */
export function formsOf(bytes: Uint8Array, named?: Decoder): string[] {
  return bytes.length === 0 ? [] : withNamed(named).flatMap(({ fits, name }) => (fits(bytes) ? [name] : []));
}

/** Whether bytes have a form that people rather see decoded. */
export function isSurely(bytes: Uint8Array, named?: Decoder): boolean {
  return withNamed(named).some(({ sure, fits }) => sure && fits(bytes));
}

/** gzip is told by its first bytes, which are no Protobuf; whatever else it looks like, it is what somebody says. */
function withNamed(named: Decoder | undefined): readonly Decoder[] {
  if (!named) return DECODERS;
  return [gzip, named, ...DECODERS.filter(one => one !== gzip && one.name !== named.name)];
}

/**
 * Decodes bytes of one of {@link formsOf}, and what comes out of it for as long as it is of a form too. Rejects where it is not
 * of that form after all; what is further inside and cannot be read is answered as it is.
 */
export async function decodeAs(name: string, bytes: Uint8Array, named?: Decoder): Promise<Way> {
  const decoders = withNamed(named);
  const steps = [name];
  let result = await decoderOf(decoders, name).decode(bytes);
  while (result.kind === 'bytes' && steps.length < MAX_STEPS) {
    const inner = result.bytes;
    const text = textOf(inner);
    if (text !== undefined && isJson(text)) {
      return { steps: [...steps, 'JSON'], result: { kind: 'value', value: parseOrdered(text) } };
    }
    const next = decoders.find(({ sure, fits }) => sure && fits(inner));
    const decoded = next && (await attempt(next, inner));
    if (!decoded) break;
    steps.push(next.name);
    result = decoded;
  }
  return { steps, result };
}

function decoderOf(decoders: readonly Decoder[], name: string): Decoder {
  const found = decoders.find(one => one.name === name);
  if (!found) throw new Error(`There is no decoder ${name}.`);
  return found;
}

async function attempt(one: Decoder, bytes: Uint8Array): Promise<Decoded | undefined> {
  try {
    return await one.decode(bytes);
  } catch (error) {
    if (isNotLoaded(error)) throw error;
    return undefined;
  }
}
