/**
 * Makes the npm packages that hold nats-server, one for each platform, from the pinned release of the NATS project.
 * `node scripts/release/nats-server-packages.ts TARGET [ARCHIVES]` takes archives from the folder ARCHIVES, where they
 * were downloaded to, and refuses one whose checksum is not the pinned one.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { platformPackage } from '../../runtime/nats/server/platform-package.ts';
import { NATS_RELEASE, type NatsRelease, releasePlatform } from '../../runtime/nats/server/releases.ts';
import { type Owner, ownerFields, readOwner } from './owner.ts';
import type { Staged } from './packages.ts';

/** A platform in Node's words. */
export interface Platform {
  os: 'linux' | 'darwin' | 'win32';
  cpu: 'x64' | 'arm64';
}

const ALL: Platform[] = [
  { os: 'linux', cpu: 'x64' },
  { os: 'linux', cpu: 'arm64' },
  { os: 'darwin', cpu: 'x64' },
  { os: 'darwin', cpu: 'arm64' },
  { os: 'win32', cpu: 'x64' },
];

/** The platforms that a release is pinned for. */
export function natsPlatforms(release: NatsRelease = NATS_RELEASE): Platform[] {
  return ALL.filter(({ os, cpu }) => release.sha256[releasePlatform(os, cpu)] !== undefined);
}

/** Name of a platform's package. */
export function packageOf({ os, cpu }: Platform): string {
  return platformPackage(os, cpu);
}

/** Where a platform's binary comes from. */
export interface BinarySource {
  /** Path of the binary, checked, and of the licence that goes with it. */
  take(platform: Platform, scratch: string): Promise<{ binary: string; licence: string }>;
}

/** Archives of the release in a folder, under the names that the NATS project gives them. */
export function archives(folder: string, release: NatsRelease = NATS_RELEASE): BinarySource {
  return {
    async take({ os, cpu }, scratch) {
      const platform = releasePlatform(os, cpu);
      const name = `nats-server-v${release.version}-${platform}`;
      const archive = join(folder, `${name}${os === 'win32' ? '.zip' : '.tar.gz'}`);
      const sum = createHash('sha256')
        .update(await readFile(archive))
        .digest('hex');
      if (sum !== release.sha256[platform]) throw new Error(`${archive}: the checksum is wrong (${sum})`);
      const [program, ...args] = os === 'win32' ? ['unzip', '-q', archive] : ['tar', '-xf', archive];
      await promisify(execFile)(program ?? '', args, { cwd: scratch });
      const at = (file: string) => join(scratch, name, file);
      return { binary: at(os === 'win32' ? 'nats-server.exe' : 'nats-server'), licence: at('LICENSE') };
    },
  };
}

/** Makes the package of one platform below `target`. */
export async function stageNatsServer(
  platform: Platform,
  source: BinarySource,
  { target, version, owner }: { target: string; version: string; owner: Owner },
): Promise<Staged> {
  const name = packageOf(platform);
  const folder = join(target, name.replace('/', '__'));
  const scratch = await mkdtemp(join(tmpdir(), 'kvflow-nats-'));
  try {
    const { binary, licence } = await source.take(platform, scratch);
    const file = platform.os === 'win32' ? 'nats-server.exe' : 'nats-server';
    await mkdir(join(folder, 'bin'), { recursive: true });
    await copyFile(binary, join(folder, 'bin', file));
    await chmod(join(folder, 'bin', file), 0o755);
    await cp(licence, join(folder, 'LICENSE'));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const texts = {
    'package.json': manifest(name, platform, { version, owner }),
    'README.md': readme(name),
    NOTICE,
  };
  for (const [file, text] of Object.entries(texts)) await writeFile(join(folder, file), text);
  return { name, version, folder };
}

function manifest(
  name: string,
  { os, cpu }: Platform,
  { version, owner }: { version: string; owner: Owner },
): string {
  const fields = {
    name,
    version,
    description: `nats-server ${NATS_RELEASE.version} for ${os} ${cpu}, as kvflow starts it.`,
    license: 'Apache-2.0',
    keywords: ['nats', 'nats-server', 'jetstream', 'kvflow'],
    os: [os],
    cpu: [cpu],
    files: ['bin', 'LICENSE', 'NOTICE', 'README.md'],
    preferUnplugged: true,
    ...ownerFields(owner, 'scripts/release'),
    publishConfig: { access: 'public', provenance: true },
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

const NOTICE = `nats-server ${NATS_RELEASE.version}
Copyright The NATS Authors, under the Apache License 2.0: see LICENSE.
The binary is the one of the NATS project's release, unchanged.
`;

function readme(name: string): string {
  return `# ${name}

The binary of nats-server ${NATS_RELEASE.version} for one platform. kvflow brings it as an optional dependency and starts it
where no NATS is given; there is nothing here to import. Licence: Apache-2.0.
`;
}

if (import.meta.main) {
  const [target, from = '.'] = process.argv.slice(2);
  if (!target) throw new Error('usage: nats-server-packages.ts TARGET [ARCHIVES]');
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const options = { target, version, owner: await readOwner() };
  for (const platform of natsPlatforms()) {
    console.log((await stageNatsServer(platform, archives(from), options)).folder);
  }
}
