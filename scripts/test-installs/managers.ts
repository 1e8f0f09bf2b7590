import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A program that installs packages, and how it is told to without running their scripts. */
export interface Manager {
  name: string;
  /** Where npm's registry has it. */
  from: string;
  /** Its program below its package's folder, run by Node. */
  program: string;
  /** Installs what package.json of a checkout names. */
  install: string[];
  /** Adds a tarball to a package; its path follows. */
  add: string[];
  env?: Record<string, string>;
  /** It refuses an install where the registry lacks an optional package, even one for another platform. */
  isStrict?: boolean;
  /** Starts a checkout. Default: its script `start`. */
  start?: string[];
  /** It cannot install a checkout: why. */
  noClone?: string;
}

const NPM = {
  program: 'bin/npm-cli.js',
  install: ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
  add: ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
};

const YARN_2 = {
  from: '@yarnpkg/cli-dist@latest',
  program: 'bin/yarn.js',
  install: ['install'],
  add: ['add'],
  // Its own shell has no `exec`.
  start: ['node', 'bin/kvflow.js', 'start'],
  isStrict: true,
  // Under CI it would refuse to write the lock file that a checkout does not bring.
  env: {
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    YARN_ENABLE_SCRIPTS: 'false',
    YARN_ENABLE_TELEMETRY: 'false',
  },
};

/** Those that people install with, each in its newest version but for npm, which has two lines. */
export const MANAGERS: Manager[] = [
  { name: 'npm 11', from: 'npm@11', ...NPM },
  { name: 'npm 12', from: 'npm@12', ...NPM },
  {
    name: 'pnpm',
    from: 'pnpm@latest',
    program: 'bin/pnpm.mjs',
    install: ['install', '--ignore-scripts', '--no-frozen-lockfile'],
    add: ['add', '--ignore-scripts'],
  },
  {
    name: 'yarn 1',
    from: 'yarn@1',
    program: 'bin/yarn.js',
    install: ['install', '--ignore-scripts', '--no-lockfile', '--non-interactive'],
    add: ['add', '--ignore-scripts', '--no-lockfile', '--non-interactive'],
    noClone: 'it installs the packages of Node for other platforms too, and links one of them',
  },
  { name: 'yarn', ...YARN_2, env: { ...YARN_2.env, YARN_NODE_LINKER: 'node-modules' } },
];

/** Brings them all below a folder, by npm and without scripts. */
export async function bringManagers(folder: string): Promise<void> {
  const dependencies = MANAGERS.map(({ from }) => [aliasOf(from), `npm:${from}`]);
  const manifest = { private: true, dependencies: Object.fromEntries(dependencies) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await promisify(execFile)('npm', ['install', ...flags], { cwd: folder });
}

/** Path of a manager's program, where {@link bringManagers} put it. */
export function programOf({ from, program }: Manager, folder: string): string {
  return join(folder, 'node_modules', aliasOf(from), program);
}

function aliasOf(from: string): string {
  return from.replace(/\W+/g, '-').replace(/^-/, '');
}
