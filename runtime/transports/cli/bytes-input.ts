import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { usageError } from './exit-codes.ts';

/** A value as functions take it: text, or bytes that are none as base64. */
export interface StoredValue {
  value: string;
  encoding?: 'base64';
}

/** The bytes that an argument stands for: `-` standard input, `@FILE` a file, else the text itself. */
export async function readBytes(argument: string, stdin: Readable): Promise<Buffer> {
  if (argument === '-') return await buffer(stdin);
  if (!argument.startsWith('@')) return Buffer.from(argument);
  const file = argument.slice(1);
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(`The file "${file}" cannot be read (${code}). A text that begins with @ wants --text`);
  }
}

/** The text of a file, without a byte order mark. Throws INVALID_INPUT for one that cannot be read, and for bytes that are no UTF-8: they would become other characters. */
export async function readTextFile(file: string, what: string): Promise<string> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) throw usageError(`The ${what} ${file} cannot be read.`);
  if (!isUtf8(bytes)) throw usageError(`The ${what} ${file} is not UTF-8 text.`);
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

/** Bytes as a value. */
export function toValue(bytes: Buffer): StoredValue {
  if (isUtf8(bytes)) return { value: bytes.toString('utf8') };
  return { value: bytes.toString('base64'), encoding: 'base64' };
}

/** A value's bytes, as they were stored. */
export function toBytes({ value = '', encoding }: { value?: unknown; encoding?: string }): Buffer {
  return Buffer.from(String(value), encoding === 'base64' ? 'base64' : 'utf8');
}
