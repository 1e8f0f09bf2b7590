/**
 * `npm run docs:site`: docs/ as a static site in site/dist: search, every page as Markdown, llms.txt, a playground, and the pages of
 * older versions, each as its tag `v1.2.3` has them, in a folder of its name. Today's tools build all of them. The tools are installed in
 * site/, with no part of the repository's install. Ends with 1 where a page failed to build.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Version, versionsOf } from '../site/versions.ts';

const ROOT = join(import.meta.dirname, '..');
const SITE = join(ROOT, 'site');
const run = promisify(execFile);
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];

const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const { stdout: tags } = await run('git', ['tag', '--list', 'v*'], { cwd: ROOT });
const versions = versionsOf(version, tags.split('\n'));
const folder = await mkdtemp(join(tmpdir(), 'kvflow-site-'));
try {
  await command('npm', INSTALL);
  for (const each of versions) await build(each);
  console.log(`docs:site: ${versions.map(({ text }) => text).join(', ')} in site/dist`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function build({ path, tag }: Version): Promise<void> {
  const docs = tag ? await docsOf(tag) : join(ROOT, 'docs');
  await command(process.execPath, [join(SITE, 'node_modules/vitepress/bin/vitepress.js'), 'build', '.'], {
    KVFLOW_SITE_DOCS: docs,
    KVFLOW_SITE_BASE: `/${path}`,
    KVFLOW_SITE_VERSIONS: JSON.stringify(versions),
  });
}

/** The pages of a tag, unpacked. */
async function docsOf(tag: string): Promise<string> {
  const place = join(folder, tag);
  await mkdir(place);
  const archive = join(folder, `${tag}.tar`);
  await run('git', ['archive', '--output', archive, tag, 'docs'], { cwd: ROOT });
  await run('tar', ['-xf', archive, '-C', place]);
  return join(place, 'docs');
}

async function command(program: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const started = spawn(program, args, { cwd: SITE, env: { ...process.env, ...env }, stdio: 'inherit' });
  const [code] = (await once(started, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}
