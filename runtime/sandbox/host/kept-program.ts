import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../engines/engine.ts';
import type { OpenCode, OpenFile } from '../worker/loader.ts';

/** A program, open for workers to read, with what V8 has made of it where that is there. */
export interface OpenProgram extends OpenFile {
  code?: OpenCode;
}

/** Where the program of an engine is kept in a folder. */
export function programPath(engine: EngineName, folder: string): string {
  return join(folder, `worker-program.${engine}.txt`);
}

/** Where V8's compiled code of a program is kept. */
export function codePath(program: string): string {
  return program.replace(/txt$/, 'code');
}

/** What is kept there. First comes what it was made of: undefined where that is not what there is now. */
export function keptProgram(path: string, head: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  return text.startsWith(head) ? text.slice(head.length) : undefined;
}

/** The same, open for workers to read, its first line with it. */
export function openProgram(path: string, head: string): OpenProgram | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, 'r');
  const first = readFirst(fd, Buffer.byteLength(head) + MARK_BYTES);
  if (first.toString('utf8').startsWith(head)) {
    const code = openCode(codePath(path), first);
    return { fd, size: fstatSync(fd).size, ...(code && { code }) };
  }
  closeSync(fd);
  return undefined;
}

/** Of a program: stands behind its first line, and its code begins with both. V8 itself looks at no more than how long a text is. */
export function markOf(digest: string): string {
  return `// ${digest.slice(0, MARK_BYTES - 4)}\n`;
}
const MARK_BYTES = 48;

/** The file of a program's code: that of its own text, and that of what runs in the realm. */
export function codeFile(first: string, [own, realm]: readonly [Buffer, Buffer]): Buffer {
  const sizes = Buffer.alloc(SIZES_BYTES);
  sizes.writeUInt32LE(own.length, 0);
  sizes.writeUInt32LE(realm.length, 4);
  return Buffer.concat([Buffer.from(first), sizes, own, realm]);
}
const SIZES_BYTES = 8;

/** Undefined where there is none, or it is another program's. */
function openCode(path: string, first: Buffer): OpenCode | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, 'r');
  const from = first.length + SIZES_BYTES;
  const start = readFirst(fd, from);
  const own = start.readUInt32LE(first.length);
  const realm = start.readUInt32LE(first.length + 4);
  if (start.subarray(0, first.length).equals(first) && fstatSync(fd).size === from + own + realm)
    return { fd, from, own, realm };
  closeSync(fd);
  return undefined;
}

function readFirst(fd: number, size: number): Buffer {
  const first = Buffer.alloc(size);
  readSync(fd, first, 0, size, 0);
  return first;
}
