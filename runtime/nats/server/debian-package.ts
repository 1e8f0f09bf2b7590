import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AptArchive, debianArchives } from './apt-sources.ts';
import { addToCache, type CachedServer } from './cache.ts';
import { type CommandEnv, isExecutable, onPath, run } from './command.ts';

/** What {@link fetchDebianPackage} needs to know. */
export interface DebianPackageOptions {
  env: CommandEnv;
  cacheDir: string;
  onProgress: (line: string) => void;
}

/** Debian's suites with a nats-server that is new enough, the stabler one first. */
const SUITES = ['forky', 'sid'];
/** Beyond so many archives it is not the archive that is the trouble. */
const MAX_ARCHIVES = 2;
const APT_TIMEOUT_MS = 180_000;

/**
 * Fetches Debian's nats-server package with the machine's own apt-get, archive and keys, into the cache and nowhere else:
 * apt works in a folder of its own, and the package is unpacked, not installed. Needs no root.
 * @throws Error saying what went wrong with each suite.
 */
export async function fetchDebianPackage(options: DebianPackageOptions): Promise<CachedServer> {
  const { env, cacheDir, onProgress } = options;
  for (const command of ['apt-get', 'apt-config', 'dpkg-deb']) {
    if ((await onPath(command, env)).length === 0) throw new Error(`this machine has no ${command}`);
  }
  const archives = (await debianArchives(env)).slice(0, MAX_ARCHIVES);
  if (archives.length === 0) throw new Error("this machine's apt settings name no Debian archive");
  const faults: string[] = [];
  for (const [suite, archive] of SUITES.flatMap(name => archives.map(each => [name, each] as const))) {
    onProgress(
      `Fetching Debian's nats-server package from suite ${suite} (nothing is installed system-wide)`,
    );
    try {
      return await addToCache(cacheDir, env, scratch => fetchInto(scratch, { suite, archive, env }));
    } catch (error) {
      faults.push(`${suite}: ${(error as Error).message}`);
    }
  }
  throw new Error(faults.join('; '));
}

interface Source {
  suite: string;
  archive: AptArchive;
  env: CommandEnv;
}

async function fetchInto(scratch: string, source: Source): Promise<string> {
  const apt = join(scratch, 'apt');
  const files = join(scratch, 'files');
  await prepareApt(apt, source);
  const options = {
    env: { ...source.env, APT_CONFIG: join(apt, 'apt.conf') },
    cwd: apt,
    timeoutMs: APT_TIMEOUT_MS,
  };
  await run('apt-get', ['-q', 'update'], options);
  await run('apt-get', ['-q', 'download', 'nats-server'], options);
  const deb = (await readdir(apt)).find(name => name.endsWith('.deb'));
  if (deb === undefined) throw new Error('apt-get left no package behind');
  await run('dpkg-deb', ['-x', deb, files], options);
  return binaryIn(files);
}

async function binaryIn(files: string): Promise<string> {
  for (const dir of ['usr/sbin', 'usr/bin']) {
    const path = join(files, dir, 'nats-server');
    if (await isExecutable(path)) return path;
  }
  throw new Error('the package holds no nats-server');
}

async function prepareApt(dir: string, source: Source): Promise<void> {
  await mkdir(join(dir, 'none'), { recursive: true });
  await mkdir(join(dir, 'lists', 'partial'), { recursive: true });
  await mkdir(join(dir, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(join(dir, 'status'), '');
  await writeFile(join(dir, 'nats.sources'), sourcesFile(source));
  // Transfer settings may hold a proxy's password.
  await writeFile(join(dir, 'apt.conf'), await aptConf(dir, source.env), { mode: 0o600 });
}

function sourcesFile({ suite, archive }: Source): string {
  const lines = ['Types: deb', `URIs: ${archive.uri}`, `Suites: ${suite}`, 'Components: main'];
  if (archive.signedBy !== undefined) lines.push(`Signed-By: ${archive.signedBy}`);
  return `${lines.join('\n')}\n`;
}

/**
 * Settings that keep apt inside the folder. The machine's own are left out but for how it transfers files (proxies and the
 * like): its hooks would act on the system, and its pins would hide the package.
 */
async function aptConf(dir: string, env: CommandEnv): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'], { env });
  const transfer = stdout.split('\n').filter(line => /^Acquire::(?!IndexTargets|Languages)/.test(line));
  const own: Record<string, string> = {
    'Dir::State::lists': join(dir, 'lists'),
    'Dir::State::status': join(dir, 'status'),
    'Dir::Cache': join(dir, 'cache'),
    'Dir::Etc::sourcelist': join(dir, 'nats.sources'),
    'Dir::Etc::sourceparts': join(dir, 'none'),
    'Dir::Etc::preferences': join(dir, 'none', 'preferences'),
    'Dir::Etc::preferencesparts': join(dir, 'none'),
    'Dir::Etc::main': join(dir, 'none', 'apt.conf'),
    'Dir::Etc::parts': join(dir, 'none'),
    // apt's own unprivileged user could not reach into the caller's cache folder.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
    // Or a failed update passes for a good one, and the message is that there is no such package.
    'APT::Update::Error-Mode': 'any',
    'Acquire::AllowInsecureRepositories': 'false',
    'Acquire::AllowWeakRepositories': 'false',
    'Acquire::AllowDowngradeToInsecureRepositories': 'false',
  };
  return [...transfer, ...Object.entries(own).map(([name, value]) => `${name} "${value}";`)].join('\n');
}
