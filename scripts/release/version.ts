/**
 * `npm run release:version`: makes one version of what waits in .changeset: sets it in every package, gives the section "Unreleased" of
 * CHANGELOG.md its number, and removes the files. Look at the difference, commit it, and tag it `v1.2.3`.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bringTools, toolOf } from './package-tools.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The published packages, which have one version, by their folders. */
const PACKAGES = ['.', 'hosts/client', 'hosts/node-red', 'hosts/n8n'];
const run = promisify(execFile);

/**
 * The version that the files of .changeset make of the present one; nothing is written. changesets counts no package at the root of
 * a repository among its packages, so it is shown a folder that has them all side by side.
 * @throws Error with what changesets says of a file that it cannot use
 */
export async function nextVersion(root: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-version-'));
  try {
    const manifest = { name: 'all', private: true, workspaces: ['packages/*'] };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    await cp(join(root, '.changeset'), join(folder, '.changeset'), { recursive: true });
    for (const [at, source] of PACKAGES.entries()) {
      const { name, version } = await manifestOf(join(root, source));
      await mkdir(join(folder, `packages/${at}`), { recursive: true });
      await writeFile(join(folder, `packages/${at}/package.json`), JSON.stringify({ name, version }));
    }
    await run(process.execPath, [toolOf('changeset'), 'version'], { cwd: folder });
    return (await manifestOf(join(folder, 'packages/0'))).version;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function manifestOf(folder: string): Promise<{ name: string; version: string }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
}

async function writeVersion(version: string): Promise<void> {
  for (const source of PACKAGES)
    await change(join(ROOT, source, 'package.json'), [/"version": "[^"]+"/, `"version": "${version}"`]);
  const client: Change = [/("@kvflow\/client": ")[^"]+/, `$1^${version}`];
  await change(join(ROOT, 'examples/package.json'), client);
  await change(join(ROOT, 'CHANGELOG.md'), [/^## Unreleased$/m, `## Unreleased\n\n## ${version}`]);
  await change(join(ROOT, 'deploy/helm/kvflow/Chart.yaml'), [
    /^(version|appVersion): .+$/gm,
    `$1: ${version}`,
  ]);
  await change(join(ROOT, 'README.md'), [/^kvflow \S+ is ready\.$/m, `kvflow ${version} is ready.`]);
  const waiting = (await readdir(join(ROOT, '.changeset'))).filter(file => /(?<!README)\.md$/.test(file));
  for (const file of waiting) await rm(join(ROOT, '.changeset', file));
  await run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: ROOT,
  });
  await run('npm', ['run', '--silent', 'generate'], { cwd: ROOT });
}

type Change = [pattern: RegExp, text: string];

async function change(file: string, [pattern, text]: Change): Promise<void> {
  const before = await readFile(file, 'utf8');
  if (!pattern.test(before)) throw new Error(`${file} has no ${pattern}`);
  await writeFile(file, before.replace(pattern, text));
}

if (import.meta.main) {
  await bringTools();
  const { version } = await manifestOf(ROOT);
  const next = await nextVersion(ROOT);
  if (next === version) throw new Error('Nothing waits in .changeset');
  await writeVersion(next);
  console.log(
    `${version} is ${next} now. When the difference is right: git commit -am "chore: ${next}" && git tag v${next}`,
  );
}
