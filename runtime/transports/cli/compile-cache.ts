import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps compiled code for the next start, a fifth of its time. In the user's own cache folder: the temporary folder,
 * Node's default, is everybody's. Where it cannot be written there is no cache, and nothing else changes.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  if (env.NODE_COMPILE_CACHE) return;
  enableCompileCache(join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kvflow', 'compiled'));
}
