/** n8n itself, for tests: it is large, so it is installed once into the user's cache, and only where that was asked for. */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCacheDir } from '../../../runtime/nats/server/cache.ts';

const VERSION = '2.41.1';
/** Its dependencies are ranges. Those of its own days fit together. */
const BEFORE = '2026-09-28';
const PATIENCE_MS = 900_000;
const run = promisify(execFile);

/** Where n8n is, or why it is not there. */
export type FoundN8n = { path: string } | { missing: string };

/**
 * The folder n8n is installed in: the one in the cache, else a new one where KVFLOW_TEST_N8N=1 asks for it. It takes
 * some minutes and 2.2 GB.
 * @throws Error when it was asked for and cannot be installed.
 */
export async function findN8n(): Promise<FoundN8n> {
  const path = join(defaultCacheDir(process.env), `n8n-${VERSION}`);
  if (await isThere(path)) return { path };
  if (process.env.KVFLOW_TEST_N8N !== '1') {
    return {
      missing: `no n8n ${VERSION} in ${path}. Install it, 2.2 GB, and run its tests with: npm run test:n8n`,
    };
  }
  await install(path);
  return { path };
}

/** The environment for n8n and npm, with the Node of this process and nothing that says that tests run it. */
export function withOurNode(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_ENV: _env, NODE_OPTIONS: _options, JEST_WORKER_ID: _id, ...inherited } = process.env;
  return { ...inherited, ...env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
}

/** In a scratch folder that is moved into place in one step: what is there is whole. */
async function install(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const cwd = await mkdtemp(`${path}.tmp-`);
  const options = { cwd, env: withOurNode(), timeout: PATIENCE_MS, maxBuffer: 1 << 28 };
  try {
    await writeFile(join(cwd, 'package.json'), '{"private":true}');
    const quiet = ['--no-audit', '--no-fund', '--legacy-peer-deps', '--ignore-scripts'];
    await run('npm', ['install', `n8n@${VERSION}`, `--before=${BEFORE}`, ...quiet], options);
    // Of the packages with native parts this is the one that n8n does not start without.
    await run('npm', ['rebuild', 'sqlite3'], options);
    await rename(cwd, path).catch(async error => (await isThere(path)) || Promise.reject(error));
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function isThere(path: string): Promise<boolean> {
  return access(join(path, 'node_modules/n8n/bin/n8n')).then(
    () => true,
    () => false,
  );
}
