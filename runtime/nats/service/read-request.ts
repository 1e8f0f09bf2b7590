import { isUtf8 } from 'node:buffer';
import type { Msg } from '@nats-io/transport-node';
import { invalidField } from '../../../contract/errors.ts';
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

/** What the caller says of its patience. Throws INVALID_INPUT. */
export function readTimeout({ headers }: Msg): number | undefined {
  const text = headers?.get(TIMEOUT_HEADER);
  if (!text) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw invalidField(
    '',
    `The header ${TIMEOUT_HEADER} must be a whole number of milliseconds, at least 1, not "${text}".`,
  );
}
