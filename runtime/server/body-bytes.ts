import type { Readable } from 'node:stream';
import { invalidField } from '../../contract/errors.ts';

/**
 * The bytes of a body as they come; the connection stays for an answer where they are not read to their end. Throws INVALID_INPUT
 * where the client leaves before its end: that is no fault of ours, and nobody is there to be answered.
 */
export async function* bodyBytes(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    throw invalidField('', 'The body ended early: the client left before it had sent all of it.');
  }
}
