/** What makes a release red: a package that lacks a schema, a field or a licence; a binary whose checksum is wrong. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type NatsRelease, releasePlatform } from '../../runtime/nats/server/releases.ts';
import { tarballFaults } from '../../scripts/release/check-tarball.ts';
import { archives, natsPlatforms, stageNatsServer } from '../../scripts/release/nats-server-packages.ts';
import { type Owner, ownerFields, unsaid } from '../../scripts/release/owner.ts';
import { publishOrder } from '../../scripts/release/publish-order.ts';
import { packTarball } from '../../scripts/release/tarball.ts';
import { fakeServer } from '../runtime/nats/server/helpers.ts';
import { tempDir } from '../support/temp-dir.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Workflow {
  on: object;
  permissions: object;
  jobs: Record<string, { needs?: string; steps: { run?: string; uses?: string }[] }>;
}

const NOBODY: Owner = {
  repository: null,
  homepage: null,
  bugs: null,
  author: 'A',
  contact: null,
  funding: null,
  imageRegistry: null,
};

/** The smallest package that passes as kvflow, then changed. */
async function faultsOf(change: (folder: string, manifest: Record<string, unknown>) => Promise<unknown>) {
  await using dir = await tempDir();
  const folder = join(dir.path, 'kvflow');
  await mkdir(join(folder, 'schemas'), { recursive: true });
  const texts = { 'README.md': '# k', LICENSE: 'MIT', 'index.js': '', 'schemas/kv-key-get.json': '{}' };
  for (const [file, text] of Object.entries(texts)) await writeFile(join(folder, file), text);
  await writeFile(join(folder, 'manifest.json'), '{"functions":[{"name":"kv-key-get"}]}');
  const manifest: Record<string, unknown> = {
    name: 'kvflow',
    version: '1.0.0',
    description: 'd',
    license: 'MIT',
    keywords: ['k'],
    exports: { '.': './index.js' },
    ...ownerFields(NOBODY, '.'),
  };
  await change(folder, manifest);
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  return await tarballFaults(await packTarball({ name: 'kvflow', version: '1.0.0', folder }, dir.path));
}

test('release - a package that has everything has no fault', async () => {
  expect(await faultsOf(async () => {})).toEqual([]);
});

test.each<[what: string, change: Parameters<typeof faultsOf>[0], fault: string]>([
  ['a schema', folder => rm(join(folder, 'schemas/kv-key-get.json')), 'schemas/kv-key-get.json is missing'],
  ['a licence', folder => rm(join(folder, 'LICENSE')), 'LICENSE is missing'],
  ['a field', async (_folder, manifest) => delete manifest.repository, 'package.json lacks repository'],
  [
    'what it exports',
    folder => rm(join(folder, 'index.js')),
    'package.json names index.js, which is missing',
  ],
])('release - a package that lacks %s is told', async (_what, change, fault) => {
  expect(await faultsOf(change)).toEqual([`kvflow: ${fault}`]);
});

test('release - publishing names what the owner has not said, funding aside', () => {
  const names = ['repository', 'homepage', 'bugs', 'contact', 'imageRegistry'];
  expect(unsaid(NOBODY)).toEqual(names.map(name => `set ${name} in scripts/release/owner.json`));
  const said = { ...NOBODY, repository: 'r', homepage: 'h', bugs: 'b', contact: 'c', imageRegistry: 'i' };
  expect(unsaid(said)).toEqual([]);
});

test('release - what kvflow needs is published before it, and publishing refuses without what the owner says', async () => {
  const files = [
    'n8n-nodes-kvflow-1.0.0.tgz',
    'kvflow-client-1.0.0.tgz',
    'kvflow-1.0.0.tgz',
    'sbom.cdx.json',
  ];
  expect(publishOrder([...files, 'kvflow-nats-server-linux-x64-1.0.0.tgz'])).toEqual([
    'kvflow-nats-server-linux-x64-1.0.0.tgz',
    'kvflow-1.0.0.tgz',
    'kvflow-client-1.0.0.tgz',
    'n8n-nodes-kvflow-1.0.0.tgz',
  ]);
  const publish = promisify(execFile)(process.execPath, [
    join(ROOT, 'scripts/release/publish.ts'),
    '/nowhere',
  ]);
  await expect(publish).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('set repository in'),
  });
});

test('release.yml - a tag is tested whole, published with provenance and an SBOM, and its image signed', async () => {
  const text = await readFile(join(ROOT, '.github/workflows/release.yml'), 'utf8');
  const { on, permissions, jobs } = parse(text) as Workflow;
  expect([on, permissions]).toEqual([{ push: { tags: ['v*'] } }, { contents: 'read' }]);
  const runs = (job: string) => (jobs[job]?.steps ?? []).map(({ run, uses }) => run ?? uses ?? '');
  expect(runs('test')).toContain('bash .ci/run');
  expect([jobs.publish?.needs, jobs.image?.needs]).toEqual(['test', 'publish']);
  for (const job of ['publish', 'image'])
    expect(jobs[job]).toMatchObject({ environment: 'release', permissions: { 'id-token': 'write' } });
  const steps = runs('publish');
  const at = (part: string) => steps.findIndex(step => step.includes(part));
  const order = [
    'npm ci --ignore-scripts',
    'nats-server-packages.ts',
    'release:dry -- --keep',
    'publish.ts',
    'attest-sbom',
    'gh release create',
  ];
  expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b));
  expect(order.map(at)).not.toContain(-1);
  expect(runs('image').some(step => step.startsWith('cosign sign'))).toBe(true);
  const used = Object.values(jobs).flatMap(({ steps: all }) => all.flatMap(({ uses }) => uses ?? []));
  for (const action of used) expect(action).toMatch(/@v\d+$/);
  // No token stands anywhere, and every script that is named is there.
  expect(text).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN|secrets\./);
  for (const [script] of text.matchAll(/scripts\/release\/[\w-]+\.ts/g)) await access(join(ROOT, script));
});

test('changesets - each names a package there is, a size of change, and what changes', async () => {
  const folder = join(ROOT, '.changeset');
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { fixed: string[][] };
  const names = new Set(['kvflow', '@kvflow/client', '@kvflow/node-red', 'n8n-nodes-kvflow']);
  expect(config.fixed).toEqual([['kvflow', '@kvflow/*', 'n8n-nodes-kvflow']]);
  const files = (await readdir(folder)).filter(file => file.endsWith('.md') && file !== 'README.md');
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    const [, front = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
    const changes = Object.entries((parse(front) ?? {}) as object);
    expect([file, changes.length, body.trim()]).toEqual([file, 1, expect.stringMatching(/\S{3}/)]);
    for (const [name, size] of changes) {
      expect([file, names.has(name)]).toEqual([file, true]);
      expect(['patch', 'minor', 'major']).toContain(size);
    }
  }
});

test('SECURITY.md - says where to write, when there is an answer, and which versions are mended', async () => {
  const text = await readFile(join(ROOT, 'SECURITY.md'), 'utf8');
  expect(text).toMatch(/## Reporting a weakness[\s\S]*`author` field[\s\S]*three working days/);
  expect(text).toMatch(/## Supported versions[\s\S]*\| the newest minor version \| yes \|/);
  // The contact that it names is in every published package.
  expect(ownerFields({ ...NOBODY, contact: 'security@x' }, '.')).toMatchObject({
    author: { email: 'security@x' },
  });
  expect(unsaid(NOBODY)).toContain('set contact in scripts/release/owner.json');
});

test('release - nats-server becomes a package for its platform, with its licence, from an archive that is as pinned', async () => {
  await using dir = await tempDir();
  const name = `nats-server-v9.9.9-${releasePlatform('linux', 'x64')}`;
  await fakeServer(join(dir.path, name, 'nats-server'), '9.9.9');
  await writeFile(join(dir.path, name, 'LICENSE'), 'the licence of nats-server');
  const archive = join(dir.path, `${name}.tar.gz`);
  await promisify(execFile)('tar', ['-czf', archive, name], { cwd: dir.path });
  const sum = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  const release: NatsRelease = { version: '9.9.9', sha256: { 'linux-amd64': sum } };
  expect(natsPlatforms(release)).toEqual([{ os: 'linux', cpu: 'x64' }]);
  const options = { target: join(dir.path, 'out'), version: '1.2.3', owner: NOBODY };
  const staged = await stageNatsServer({ os: 'linux', cpu: 'x64' }, archives(dir.path, release), options);
  const tarball = await packTarball(staged, dir.path);
  expect(await tarballFaults(tarball)).toEqual([]);
  expect(tarball.manifest).toMatchObject({
    name: '@kvflow/nats-server-linux-x64',
    os: ['linux'],
    cpu: ['x64'],
  });
  expect(tarball.files).toEqual(['LICENSE', 'NOTICE', 'README.md', 'bin/nats-server', 'package.json']);
  const { stdout } = await promisify(execFile)(join(tarball.unpacked, 'bin/nats-server'), ['--version']);
  expect(stdout).toBe('nats-server: v9.9.9\n');
});

test('release - an archive that was changed becomes no package', async () => {
  await using dir = await tempDir();
  const release: NatsRelease = { version: '9.9.9', sha256: { 'linux-amd64': '0'.repeat(64) } };
  await writeFile(join(dir.path, 'nats-server-v9.9.9-linux-amd64.tar.gz'), 'not what was pinned');
  const options = { target: join(dir.path, 'out'), version: '1.2.3', owner: NOBODY };
  const made = stageNatsServer({ os: 'linux', cpu: 'x64' }, archives(dir.path, release), options);
  await expect(made).rejects.toThrow('the checksum is wrong');
  await expect(access(join(dir.path, 'out'))).rejects.toThrow();
});

/** What package-lock.json says of one package. */
interface Locked {
  optionalDependencies?: Record<string, string>;
  integrity?: string;
  link?: boolean;
  inBundle?: boolean;
}

test('package-lock.json - has every optional package of every platform, so that an install on another changes nothing', async () => {
  const text = await readFile(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
  const packages = Object.entries((JSON.parse(text) as { packages: Record<string, Locked> }).packages);
  const paths = new Set(packages.map(([path]) => path));
  const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(name => !foldersAbove(path).some(at => paths.has(at + name))),
  );
  expect(packages.some(([, { optionalDependencies }]) => optionalDependencies)).toBe(true);
  expect(missing).toEqual([]);
  // Of all but what the registry did not offer for other platforms it says what is to be downloaded.
  const unsaid = packages.filter(
    ([path, { integrity, link, inBundle }]) => /node_modules/.test(path) && !integrity && !link && !inBundle,
  );
  expect(unsaid.map(([path]) => path).filter(path => !path.startsWith('node_modules/@chdb/lib-'))).toEqual(
    [],
  );
});

/** Where Node looks for what a package asks for, the nearest first. */
function foldersAbove(path: string): string[] {
  const parts = path === '' ? [] : path.split(/\/?node_modules\//).filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, index) => {
    const inner = parts.slice(0, parts.length - index).map(part => `node_modules/${part}/`);
    return `${inner.join('')}node_modules/`;
  });
}
