import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildN8n } from '../build-n8n.ts';
import { buildNodeRed } from '../build-node-red.ts';
import { MCP_NAME } from './mcp-bundle.ts';
import { natsPlatforms, packageOf } from './nats-server-packages.ts';
import { type Owner, ownerFields } from './owner.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What is left out of a published package.json: it says how the repository is worked on. */
const REPOSITORY_ONLY = ['devDependencies', 'workspaces', 'scripts', 'private'];

/** A package of the repository: where its sources are, and how what is published comes about. */
interface Source {
  /** From the repository's root. */
  folder: string;
  /** Files and folders that go in beside those that `files` of its package.json names. */
  extra: [from: string, to: string][];
  build?(target: string): Promise<unknown>;
  /** Makes what `files` names, in the package's own folder. */
  prepare?(): Promise<unknown>;
  /** Fields of package.json that only the published package has. */
  fields?(version: string): Record<string, unknown>;
}

const SOURCES: Source[] = [
  {
    folder: '.',
    extra: [],
    prepare: buildNodeRed,
    fields: version => ({ optionalDependencies: natsServers(version), mcpName: MCP_NAME }),
  },
  {
    folder: 'hosts/node-red',
    extra: [
      ['LICENSE', 'LICENSE'],
      ['manifest.json', 'manifest.json'],
    ],
  },
  { folder: 'hosts/client', extra: [['LICENSE', 'LICENSE']], prepare: buildClient },
  {
    folder: 'hosts/n8n',
    extra: [
      ['LICENSE', 'LICENSE'],
      ['hosts/n8n/README.md', 'README.md'],
    ],
    build: target => buildN8n(join(target, 'dist')),
  },
];

/** A package as it will be published: a folder that `npm pack` takes as it is. */
export interface Staged {
  name: string;
  version: string;
  folder: string;
}

/** Makes the published form of every package below `target`. Needs `npm run build` before. */
export async function stagePackages(target: string, owner: Owner): Promise<Staged[]> {
  const staged: Staged[] = [];
  for (const source of SOURCES) staged.push(await stage(source, target, owner));
  return staged;
}

async function stage(source: Source, target: string, owner: Owner): Promise<Staged> {
  const from = join(ROOT, source.folder);
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as Manifest;
  const folder = join(target, manifest.name.replace('/', '__'));
  await mkdir(folder, { recursive: true });
  await source.prepare?.();
  const extra = new Set(source.extra.map(([, to]) => to));
  if (source.build) await source.build(folder);
  // What is left out is npm's business when it packs.
  else
    for (const file of manifest.files.filter(name => !name.startsWith('!') && !extra.has(name)))
      await copy(join(from, file), join(folder, file));
  for (const [file, to] of source.extra) await copy(join(ROOT, file), join(folder, to));
  const kept = Object.entries(manifest).filter(([field]) => !REPOSITORY_ONLY.includes(field));
  const published = {
    ...Object.fromEntries(kept),
    ...ownerFields(owner, source.folder),
    ...source.fields?.(manifest.version),
    publishConfig: { access: 'public', provenance: true },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  return { name: manifest.name, version: manifest.version, folder };
}

interface Manifest {
  name: string;
  version: string;
  files: string[];
}

/** As `npm pack` in its folder does. */
function buildClient(): Promise<unknown> {
  return promisify(execFile)('npm', ['run', '--silent', 'prepack'], { cwd: join(ROOT, 'hosts/client') });
}

function copy(from: string, to: string): Promise<void> {
  // What a checkout built for itself is not what it publishes.
  return cp(from, to, { recursive: true, filter: path => !/[\\/](node_modules|\.kvflow)$/.test(path) });
}

function natsServers(version: string): Record<string, string> {
  return Object.fromEntries(natsPlatforms().map(platform => [packageOf(platform), version]));
}
