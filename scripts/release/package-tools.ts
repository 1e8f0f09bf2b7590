import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Tarball } from './tarball.ts';

const TOOLS = join(import.meta.dirname, '../../tools/release');
/** `mcpb` packs the bundle for agents. */
const PROGRAMS = ['publint', 'attw', 'mcpb', 'changeset'];
const run = promisify(execFile);

/**
 * What publint, are-the-types-wrong and, of the package for n8n, n8n's linter say of the packages. They are no part of the repository's own install, and come
 * here with their own lock file.
 * @throws Error with what they found.
 */
export async function packageTools(tarballs: Tarball[]): Promise<void> {
  await bringTools();
  for (const { name, file, manifest, unpacked } of tarballs) {
    await tool(name, 'publint', ['run', file, '--strict', '--pack', 'false']);
    // Of a package without exports nobody imports types.
    if (name === 'n8n-nodes-kvflow') await lintN8n(unpacked);
    if (manifest.exports) await tool(name, 'attw', [file, '--profile', 'esm-only', '--format', 'ascii']);
  }
}

/** Installs the tools of a release where they are not yet. */
export async function bringTools(): Promise<void> {
  if (PROGRAMS.every(program => existsSync(toolOf(program)))) return;
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: TOOLS });
}

/** Path of a tool's program. */
export function toolOf(program: string): string {
  return join(TOOLS, 'node_modules/.bin', program);
}

/** n8n looks at what is published, not at its sources. */
async function lintN8n(unpacked: string): Promise<void> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, '../lint-n8n.ts'), unpacked]);
  const { files, findings, canary } = JSON.parse(stdout) as Record<'findings' | 'canary', string[]> & {
    files: number;
  };
  if (files < 3 || canary.length === 0) throw new Error("n8n's linter did not look at the unpacked package.");
  if (findings.length > 0) throw new Error(`n8n's linter on the unpacked package:\n${findings.join('\n')}`);
}

async function tool(name: string, program: string, args: string[]): Promise<void> {
  try {
    await run(toolOf(program), args, { env: { ...process.env, NO_COLOR: '1' } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} on ${name}:\n${stdout}\n${stderr}`);
  }
}
