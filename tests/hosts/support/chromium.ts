import { execFile } from 'node:child_process';
import { access, constants, mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const INSTALL_MS = 240_000;
const INSTALLING = join(tmpdir(), 'kvflow-installs-chromium');
const run = promisify(execFile);

/**
 * Path of a Chromium; undefined where there is none and none can be installed. It is installed where that takes no
 * more than asking: as root on Debian. Under CI a browser that is missing is a failure.
 */
export async function findChromium(): Promise<string | undefined> {
  await otherInstallEnded();
  const found = (await onPath(NAMES)) ?? (await installAlone());
  if (!found && process.env.CI)
    throw new Error('No Chromium on PATH. Install it with: apt-get install chromium');
  return found;
}

/** Starts a headless browser. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, args: FLAGS });
}

/** Tests run in several processes, and apt-get does not wait for another one: the first installs, the others wait. */
async function installAlone(): Promise<string | undefined> {
  try {
    await mkdir(INSTALLING);
  } catch {
    await otherInstallEnded();
    return await onPath(NAMES);
  }
  try {
    return await install();
  } finally {
    await rm(INSTALLING, { recursive: true, force: true });
  }
}

/** A mark that a killed run left behind is not waited for longer than an installation takes. */
async function otherInstallEnded(): Promise<void> {
  for (;;) {
    const mark = await stat(INSTALLING).catch(() => undefined);
    if (!mark) return;
    if (Date.now() - mark.mtimeMs > INSTALL_MS) await rm(INSTALLING, { recursive: true, force: true });
    await sleep(500);
  }
}

async function onPath(names: string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const path of names.flatMap(name => folders.map(folder => join(folder, name)))) {
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !(await onPath(['apt-get']))) return undefined;
  const options = { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', 'chromium'], options);
  } catch {
    return undefined;
  }
  return await onPath(NAMES);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
