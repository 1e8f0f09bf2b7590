/** Builds hosts/n8n into dist/, or into the folder given: code, icons and the codex files beside it. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { n8nFiles } from './generate/n8n.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'hosts/n8n');

/** Builds the package and answers its folder. */
export async function buildN8n(outDir: string = join(source, 'dist')): Promise<string> {
  await writeBuilt();
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', source, '--outDir', outDir]);
  await cp(join(source, 'icons'), join(outDir, 'icons'), { recursive: true });
  const codex = (await readdir(source, { recursive: true })).filter(file =>
    /^nodes[/\\].*\.node\.json$/.test(file),
  );
  for (const file of codex) await cp(join(source, file), join(outDir, file));
  return outDir;
}

/** Fields and parameters, of the manifest as it is now. */
async function writeBuilt(): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8'));
  const folder = join(source, 'nodes/Kvflow/built');
  await mkdir(folder, { recursive: true });
  for (const [file, text] of n8nFiles(manifest)) await writeFile(join(folder, file), text);
}

if (import.meta.main) console.log(await buildN8n());
