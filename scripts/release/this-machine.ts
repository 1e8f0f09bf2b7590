import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { findNatsServer } from '../../runtime/nats/server/find.ts';
import { type BinarySource, natsPlatforms, stageNatsServer } from './nats-server-packages.ts';
import type { Owner } from './owner.ts';
import type { Staged } from './packages.ts';

/** The nats-server that kvflow finds on this machine, as what a package is tried with; our own licence stands in for its. */
const FOUND: BinarySource = {
  async take(_platform, scratch) {
    const licence = join(scratch, 'LICENSE');
    await cp(join(import.meta.dirname, '../../LICENSE'), licence);
    const { path } = await findNatsServer({ env: process.env });
    return { binary: path, licence };
  },
};

/**
 * The package of nats-server for this platform, made to be tried and never to be published; undefined where a release has none.
 * Whoever starts kvflow with it takes its nats-server from nowhere else: see {@link packageAlone}.
 */
export async function stageForThisMachine(
  target: string,
  { version, owner }: { version: string; owner: Owner },
): Promise<Staged | undefined> {
  const platform = natsPlatforms().find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  return platform && (await stageNatsServer(platform, FOUND, { target, version, owner }));
}

/** Settings with which kvflow finds a nats-server in its package or on PATH alone: no network, and a cache of its own in `folder`. */
export function packageAlone(folder: string): Record<string, string> {
  const nowhere = 'http://127.0.0.1:9';
  return { XDG_CACHE_HOME: folder, HTTPS_PROXY: nowhere, NODE_USE_ENV_PROXY: '1', NATS_SERVER_BIN: '' };
}
