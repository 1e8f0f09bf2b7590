/**
 * `npm run release:dry`: everything of a release but the publishing, on any machine. Builds, makes the published form of
 * each package, packs it, checks what is in it, installs the tarballs into an empty folder and uses them there.
 * `--keep FOLDER` leaves the tarballs in a folder, for the workflow that publishes them. Ends with 1 where something is wrong.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { tarballFaults } from './check-tarball.ts';
import { licenceFaults } from './licences.ts';
import { requireUnchangedLock } from './lock-file.ts';
import { packBundle } from './mcp-bundle.ts';
import { type Owner, readOwner, unsaid } from './owner.ts';
import { packageTools } from './package-tools.ts';
import { type Staged, stagePackages } from './packages.ts';
import { smokeTest } from './smoke.ts';
import { packTarball, type Tarball } from './tarball.ts';
import { stageForThisMachine } from './this-machine.ts';
import { nextVersion } from './version.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const { values: options } = parseArgs({ options: { keep: { type: 'string' } } });

const folder = await mkdtemp(join(tmpdir(), 'kvflow-release-'));
try {
  const owner = await readOwner();
  for (const line of unsaid(owner)) console.log(`note: publishing refuses until you ${line}`);
  await step('lock file', () => requireUnchangedLock(ROOT, join(folder, 'lock')));
  await step('build', () => run('npm', ['run', '--silent', 'build'], { cwd: ROOT }));
  const staged = await step('stage', () => stagePackages(join(folder, 'staged'), owner));
  const tarballs: Tarball[] = [];
  for (const each of staged) tarballs.push(await step(`pack ${each.name}`, () => packTarball(each, folder)));
  const natsServer = await step('nats-server of this machine', () => packNatsServer(staged, owner));
  for (const { name, bytes, files } of [...tarballs, ...natsServer])
    console.log(`  ${name}: ${files.length} files, ${bytes} bytes`);
  const faults = (await Promise.all([...tarballs, ...natsServer].map(tarballFaults))).flat();
  refuse([...faults, ...(await licenceFaults(ROOT))]);
  await step('checks of packages', () => packageTools(tarballs));
  await step('version', () => nextVersion(ROOT));
  const bundle = await step('MCP bundle', () => packBundle(folder, versionOf(staged), owner));
  await step('install and use', () => smokeTest([...tarballs, ...natsServer], join(folder, 'smoke')));
  const sbom = await step('SBOM', () =>
    run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], { cwd: ROOT, maxBuffer: 64 << 20 }),
  );
  if (options.keep) await keep(options.keep, [...tarballs.map(({ file }) => file), bundle], sbom.stdout);
  console.log('release:dry: all is well');
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** To be tried, never to be kept: what is published is made of the NATS project's archives. */
async function packNatsServer(staged: Staged[], owner: Owner): Promise<Tarball[]> {
  const version = versionOf(staged);
  const made = await stageForThisMachine(join(folder, 'staged-nats'), { version, owner });
  return made ? [await packTarball(made, join(folder, 'staged-nats'))] : [];
}

function versionOf(staged: Staged[]): string {
  return staged.find(({ name }) => name === 'kvflow')?.version ?? '0.0.0';
}

function refuse(faults: string[]): void {
  if (faults.length > 0) throw new Error(`This cannot be released:\n  ${faults.join('\n  ')}`);
}

async function keep(target: string, files: string[], sbom: string): Promise<void> {
  for (const file of files) await cp(file, join(target, file.slice(folder.length + 1)), { recursive: true });
  await writeFile(join(target, 'sbom.cdx.json'), sbom);
}
