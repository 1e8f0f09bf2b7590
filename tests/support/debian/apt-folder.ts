import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandEnv, onPath, type RunOptions, run } from '../../../runtime/processes/command.ts';
import { type AptArchive, debianArchives } from './apt-sources.ts';

/** One suite of one of Debian's archives. */
export interface AptSource {
  suite: string;
  archive: AptArchive;
  env: CommandEnv;
}

/** Beyond so many archives it is not the archive that is the trouble. */
const MAX_ARCHIVES = 2;
const APT_TIMEOUT_MS = 180_000;

/**
 * The suites in the archives that this machine's own apt settings name, suite by suite.
 * @throws Error where the machine has no apt, or its settings name no Debian archive.
 */
export async function aptSources(env: CommandEnv, suites: readonly string[]): Promise<AptSource[]> {
  for (const command of ['apt-get', 'apt-config', 'dpkg-deb']) {
    if ((await onPath(command, env)).length === 0) throw new Error(`this machine has no ${command}`);
  }
  const archives = (await debianArchives(env)).slice(0, MAX_ARCHIVES);
  if (archives.length === 0) throw new Error("this machine's apt settings name no Debian archive");
  return suites.flatMap(suite => archives.map(archive => ({ suite, archive, env })));
}

/**
 * Makes a folder that apt-get works in and nowhere else, as if on a machine with no package at all, and fetches the
 * suite's list of packages into it. Answers how to run apt-get there. Needs no root.
 */
export async function prepareApt(dir: string, source: AptSource): Promise<RunOptions> {
  await mkdir(join(dir, 'none'), { recursive: true });
  await mkdir(join(dir, 'lists', 'partial'), { recursive: true });
  await mkdir(join(dir, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(join(dir, 'status'), '');
  await writeFile(join(dir, 'debian.sources'), sourcesFile(source));
  // Transfer settings may hold a proxy's password.
  await writeFile(join(dir, 'apt.conf'), await aptConf(dir, source.env), { mode: 0o600 });
  const env = { ...source.env, APT_CONFIG: join(dir, 'apt.conf') };
  const options = { env, cwd: dir, timeoutMs: APT_TIMEOUT_MS };
  await run('apt-get', ['-q', 'update'], options);
  return options;
}

function sourcesFile({ suite, archive }: AptSource): string {
  const lines = ['Types: deb', `URIs: ${archive.uri}`, `Suites: ${suite}`, 'Components: main'];
  if (archive.signedBy !== undefined) lines.push(`Signed-By: ${archive.signedBy}`);
  return `${lines.join('\n')}\n`;
}

/**
 * Settings that keep apt inside the folder. The machine's own are left out but for how it transfers files (proxies and the
 * like): its hooks would act on the system, and its pins would hide packages.
 */
async function aptConf(dir: string, env: CommandEnv): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'], { env });
  const transfer = stdout.split('\n').filter(line => /^Acquire::(?!IndexTargets|Languages)/.test(line));
  const own: Record<string, string> = {
    'Dir::State::lists': join(dir, 'lists'),
    'Dir::State::status': join(dir, 'status'),
    'Dir::Cache': join(dir, 'cache'),
    'Dir::Etc::sourcelist': join(dir, 'debian.sources'),
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
