import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../engines/engine.ts';
import type { OpenFile } from '../worker/loader.ts';

/** Where the program of an engine is kept in a folder. */
export function programPath(engine: EngineName, folder: string): string {
  return join(folder, `worker-program.${engine}.txt`);
}

/** What is kept there. First comes what it was made of: undefined where that is not what there is now. */
export function keptProgram(path: string, head: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  return text.startsWith(head) ? text.slice(head.length) : undefined;
}

/** The same, open for workers to read, its first line with it. */
export function openProgram(path: string, head: string): OpenFile | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, 'r');
  const first = Buffer.alloc(Buffer.byteLength(head));
  readSync(fd, first, 0, first.length, 0);
  if (first.toString('utf8') === head) return { fd, size: fstatSync(fd).size };
  closeSync(fd);
  return undefined;
}
