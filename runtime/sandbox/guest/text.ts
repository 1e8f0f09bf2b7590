import { makeCodecs } from './codecs.ts';
import { encodings } from './encodings.ts';
import { install } from './install.ts';
import { makeTextDecoder } from './text-decoder.ts';

/** What turns texts into bytes and back. It goes before the packages of the realm, which look for `TextEncoder` as they load. */
export const codecs = makeCodecs();

class TextEncoder {
  readonly encoding = 'utf-8';
  encode(text: unknown = ''): Uint8Array {
    return codecs.encode(String(text));
  }
  encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
    const bytes = codecs.encode(String(text)).subarray(0, target.length);
    target.set(bytes);
    return { read: codecs.decode(bytes).length, written: bytes.length };
  }
}

install('TextEncoder', TextEncoder);
install('TextDecoder', makeTextDecoder({ codecs, ...encodings() }));
