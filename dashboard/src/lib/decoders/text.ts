import { parseOrdered } from '../ordered-json.ts';
import { type Decoder, textOf } from './decoder.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE64_URL = /^[A-Za-z0-9_-]{8,}$/;
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;
/** Of a longer text only a part is looked at before it is decoded. */
const LOOK = 100_000;

/** base64, with the letters of either alphabet. */
export const base64: Decoder = {
  name: 'base64',
  fits: bytes => {
    const text = bytes.length < 8 ? undefined : textOf(bytes.subarray(0, LOOK))?.replace(/\s/g, '');
    return text !== undefined && (BASE64.test(text) || BASE64_URL.test(text));
  },
  sure: false,
  decode: bytes => ({ kind: 'bytes', bytes: fromBase64(textOf(bytes) ?? '') }),
};

/** A JSON Web Token: its header and its claims. Its signature is not checked. */
export const jwt: Decoder = {
  name: 'JWT',
  fits: bytes => bytes.length < LOOK && beginsAsToken(textOf(bytes)?.trim() ?? ''),
  sure: true,
  decode: bytes => {
    const [, header = '', claims = '', signature = ''] = TOKEN.exec(textOf(bytes)?.trim() ?? '') ?? [];
    return {
      kind: 'value',
      value: { header: jsonIn(header), claims: jsonIn(claims), signature: `${signature} (not checked)` },
    };
  },
};

function beginsAsToken(text: string): boolean {
  // eyJ is {" in base64.
  return text.startsWith('eyJ') && TOKEN.test(text);
}

function jsonIn(part: string): unknown {
  return parseOrdered(textOf(fromBase64(part)) ?? '');
}

function fromBase64(text: string): Uint8Array {
  const plain = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(plain), char => char.charCodeAt(0));
}
