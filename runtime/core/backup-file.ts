/**
 * A backup as bytes: a line of JSON that says what it is, the server's archive in parts (four bytes of length before each, a
 * length of 0 after the last), and a line of JSON with the number of bytes and their sha256.
 */
import { createHash } from 'node:crypto';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { BackupHeader, KvBackup, KvRestore } from './ports/backups.ts';

/** Form of the file; a build that knows another one alone refuses it. */
export const BACKUP_VERSION = 1;

const LONGEST_LINE = 1024 * 1024;
const LONGEST_PART = 64 * 1024 * 1024;
const LINE_BREAK = 10;

/** The bytes of a backup, as its parts are taken. */
export async function* toBackupFile({
  header,
  parts,
}: Pick<KvBackup, 'header' | 'parts'>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const first = Buffer.from(`${JSON.stringify({ kvflow_backup: BACKUP_VERSION, ...header })}\n`);
  hash.update(first);
  yield first;
  let bytes = 0;
  for await (const part of parts) {
    hash.update(part);
    bytes += part.length;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    yield Buffer.concat([length, part]);
  }
  const last = { end: true, bytes, sha256: hash.digest('hex') };
  yield Buffer.concat([Buffer.alloc(4), Buffer.from(`${JSON.stringify(last)}\n`)]);
}

/**
 * A backup from its bytes. Its parts throw where the file was cut or altered, before the last of them has been taken for all.
 * @throws PackError INVALID_INPUT where it is no backup, or of a form that is not known.
 */
export async function fromBackupFile(
  file: AsyncIterable<Uint8Array>,
): Promise<Pick<KvRestore, 'header' | 'parts'>> {
  const reader = createReader(file);
  const line = await reader.line();
  const header = line === undefined ? undefined : parse(line.subarray(0, -1));
  if (line === undefined || header?.kvflow_backup === undefined)
    throw invalidField('', 'This is no backup of kvflow: its first line does not say so');
  if (header.kvflow_backup !== BACKUP_VERSION) {
    const message = `this backup has form ${String(header.kvflow_backup)}, and this kvflow reads form ${BACKUP_VERSION}; restore it with the kvflow that made it`;
    throw invalidField('/kvflow_backup', message);
  }
  if (typeof header.prefix !== 'string' || !isObject(header.config) || !isObject(header.state))
    throw invalidField('', 'This is no backup that can be read: prefix, config or state is missing');
  return { header: header as unknown as BackupHeader, parts: checkedParts(reader, line) };
}

/** What a backup says of itself, and all of its bytes again. Throws as {@link fromBackupFile}. */
export async function readAhead(
  file: AsyncIterable<Uint8Array>,
): Promise<{ header: BackupHeader; bytes: AsyncIterable<Uint8Array> }> {
  const source = file[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  const noted = async function* () {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      seen.push(next.value);
      yield next.value;
    }
  };
  const { header } = await fromBackupFile(noted());
  const all = async function* () {
    yield* seen;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  };
  return { header, bytes: all() };
}

async function* checkedParts(reader: Reader, first: Buffer): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256').update(first);
  let bytes = 0;
  /** The last part is given away when it is known that nothing is missing or altered. */
  let held: Buffer | undefined;
  for (;;) {
    const length = await reader.take(4);
    if (!length) throw faulty(`was cut after ${bytes} bytes of its data`, bytes);
    const size = length.readUInt32BE();
    if (size === 0) break;
    const part = size > LONGEST_PART ? undefined : await reader.take(size);
    if (!part) throw faulty(`was cut or altered after ${bytes} bytes of its data`, bytes);
    hash.update(part);
    bytes += size;
    if (held) yield held;
    held = part;
  }
  const line = await reader.line();
  const end = line && parse(line.subarray(0, -1));
  if (end?.end !== true)
    throw faulty(`was cut after ${bytes} bytes of its data: its last line is missing`, bytes);
  if (end.bytes !== bytes || end.sha256 !== hash.digest('hex'))
    throw faulty(`was altered: its ${bytes} bytes of data are not those that were written`, bytes);
  if (held) yield held;
}

function parse(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function faulty(what: string, bytes: number): PackError {
  return new PackError('INVALID_INPUT', `The backup ${what}. Nothing was restored.`, {
    details: { bytes_read: bytes },
  });
}

interface Reader {
  /** So many bytes; undefined where there are fewer. */
  take(bytes: number): Promise<Buffer | undefined>;
  /** Up to the next line break, with it; undefined where there is none near. */
  line(): Promise<Buffer | undefined>;
}

function createReader(file: AsyncIterable<Uint8Array>): Reader {
  const source = file[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let size = 0;
  return {
    take: async bytes => {
      while (size < bytes) if (!(await more())) return undefined;
      return cut(bytes);
    },
    line: async () => {
      for (;;) {
        const all = Buffer.concat(held);
        held = [all];
        const end = all.indexOf(LINE_BREAK);
        if (end >= 0) return cut(end + 1);
        if (size > LONGEST_LINE || !(await more())) return undefined;
      }
    },
  };

  async function more(): Promise<boolean> {
    const next = await source.next();
    if (next.done) return false;
    held.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length));
    size += next.value.length;
    return true;
  }

  function cut(bytes: number): Buffer {
    const all = Buffer.concat(held);
    held = [all.subarray(bytes)];
    size -= bytes;
    return all.subarray(0, bytes);
  }
}
