import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../engines/engine.ts';

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
