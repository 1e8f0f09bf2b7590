import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { usageError } from './exit-codes.ts';

/** The input a command line gives: JSON as an argument, `-` for standard input, nothing for an empty object. */
export async function readJsonInput(argument: string | undefined, stdin: Readable): Promise<unknown> {
  if (argument === undefined) return {};
  const json = argument === '-' ? await text(stdin) : argument;
  try {
    return JSON.parse(json);
  } catch (error) {
    const hint =
      argument === '-'
        ? ''
        : ` Quote it for the shell, as in '{"bucket":"users"}', or pass it on standard input with -`;
    throw usageError(`The input is no valid JSON: ${(error as Error).message}.${hint}`);
  }
}
