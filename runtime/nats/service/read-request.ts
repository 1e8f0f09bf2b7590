import { isUtf8 } from 'node:buffer';
import type { Msg } from '@nats-io/transport-node';
import { invalidField, PackError } from '../../../contract/errors.ts';
import { parseExact } from '../../../contract/exact-json.ts';
import { DEEPEST_JSON, isTooDeep } from '../../core/json-depth.ts';
import { TIMEOUT_HEADER } from './subjects.ts';

/** The input of a request: JSON, and no body at all for an empty object. Throws INVALID_INPUT. */
export function readInput({ data }: Msg): unknown {
  if (data.length === 0) return {};
  if (!isUtf8(data))
    throw invalidField('', 'The request is not UTF-8 text; send JSON, and bytes with "encoding": "base64".');
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
  let input: unknown;
  try {
    input = parseExact(text);
  } catch (error) {
    throw invalidField('', `The request is not valid JSON: ${(error as Error).message}.`);
  }
  if (isTooDeep(text)) {
    throw invalidField(
      '',
      `The request nests objects and arrays more than ${DEEPEST_JSON} deep; send the inner part as text.`,
    );
  }
  return input;
}

/** Set by JetStream on what a stream publishes again (ADR-28), and on what it hands out. */
const STREAM_HEADERS = ['Nats-Stream', 'Nats-Subject', 'Nats-Sequence', 'Nats-Msg-Size'];

/**
 * Refuses what is no request of a caller: a message that a stream publishes again, by which whoever may write to a bucket
 * would call functions; and one without a reply, of which nobody hears what came of it. Throws FORBIDDEN or INVALID_INPUT.
 */
export function requireRequest({ headers, reply }: Msg): void {
  if (STREAM_HEADERS.some(name => headers?.has(name))) {
    throw new PackError(
      'FORBIDDEN',
      'This message was published by a stream (republish), and streams may not call functions.',
    );
  }
  if (!reply)
    throw invalidField('', 'The message has no reply subject; send a request, such as: nats request');
}

/** What the caller says of its patience. Throws INVALID_INPUT. */
export function readTimeout({ headers }: Msg): number | undefined {
  const text = headers?.get(TIMEOUT_HEADER);
  if (!text) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  throw invalidField(
    '',
    `The header ${TIMEOUT_HEADER} must be a whole number of milliseconds, at least 1, not "${text}".`,
  );
}
