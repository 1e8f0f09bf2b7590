import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { parseExact } from '../../../contract/exact-json.ts';
import { DEEPEST_JSON, isTooDeep } from '../../core/json-depth.ts';
import { usageError } from './exit-codes.ts';

/** The input a command line gives: JSON as an argument, `-` for standard input, nothing for an empty object. */
export async function readJsonInput(argument: string | undefined, stdin: Readable): Promise<unknown> {
  if (argument === undefined) return {};
  // What other programs write may begin with a byte order mark, which is no part of it.
  const json = argument === '-' ? utf8(await buffer(stdin)).replace(/^\ufeff/, '') : argument;
  if (isTooDeep(json)) {
    throw usageError(
      `The input nests objects and lists more than ${DEEPEST_JSON} deep; send the inner part as text.`,
    );
  }
  try {
    return parseExact(json);
  } catch (error) {
    const hint =
      argument === '-'
        ? ''
        : ` Quote it for the shell, as in '{"bucket":"users"}', or pass it on standard input with -`;
    throw usageError(`The input is no valid JSON: ${(error as Error).message}.${hint}`);
  }
}

/** Bytes that are no text would be stored as other characters. */
function utf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw usageError('The input is not UTF-8 text. Send JSON in UTF-8, and bytes with "encoding": "base64".');
}
