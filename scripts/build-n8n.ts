/** Builds hosts/n8n into dist/, or into the folder given: code, icons and the codex files beside it. */
import { execFile } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const source = join(root, 'hosts/n8n');

/** Builds the package and answers its folder. */
export async function buildN8n(outDir: string = join(source, 'dist')): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', source, '--outDir', outDir]);
  await cp(join(source, 'icons'), join(outDir, 'icons'), { recursive: true });
  const codex = (await readdir(source, { recursive: true })).filter(file =>
    /^nodes[/\\].*\.node\.json$/.test(file),
  );
  for (const file of codex) await cp(join(source, file), join(outDir, file));
  return outDir;
}

if (import.meta.main) console.log(await buildN8n());
