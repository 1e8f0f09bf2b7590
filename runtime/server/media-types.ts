import type { IncomingHttpHeaders } from 'node:http';
import { PackError } from '../../contract/errors.ts';

/** JSON and what is built on it: `application/vnd.api+json`, with or without parameters. */
export const JSON_TYPES = /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i;

const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/i;

/**
 * The text of a body in the charset that its Content-Type names; UTF-8 where it names none. Undefined: the bytes are no
 * text of that charset. Throws UNSUPPORTED_MEDIA_TYPE for a charset that is not known, and for a packed body.
 */
export function bodyText(body: Buffer, headers: IncomingHttpHeaders): string | undefined {
  requireUnpacked(headers);
  const charset = charsetOf(headers['content-type']);
  const decoder = decoderOf(charset);
  try {
    return decoder.decode(body);
  } catch {
    return undefined;
  }
}

/** Throws UNSUPPORTED_MEDIA_TYPE where a body is compressed. */
export function requireUnpacked(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return;
  throw unsupportedMedia(`The body has content-encoding ${encoding}; send it uncompressed.`);
}

/** Throws UNSUPPORTED_MEDIA_TYPE where a Content-Type names another charset than UTF-8. */
export function requireUtf8(headers: IncomingHttpHeaders): void {
  const charset = charsetOf(headers['content-type']);
  if (/^(utf-?8|us-ascii)$/i.test(charset)) return;
  throw unsupportedMedia(`The body is to be UTF-8, not ${charset}.`);
}

/** What says that a body is none that an address takes. */
export function unsupportedMedia(message: string): PackError {
  return new PackError('UNSUPPORTED_MEDIA_TYPE', message);
}

function charsetOf(contentType: string | undefined): string {
  const [, quoted, bare] = CHARSET.exec(contentType ?? '') ?? [];
  return quoted || bare || 'utf-8';
}

function decoderOf(charset: string): TextDecoder {
  try {
    // A byte order mark is left for the reader of JSON, which takes one.
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  } catch {
    throw unsupportedMedia(`The charset "${charset}" is not known; send UTF-8.`);
  }
}
