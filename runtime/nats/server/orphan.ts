import { writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../contract/errors.ts';
import {
  commandLine,
  identify,
  isRunning,
  type ProcessIdentity,
  signalGroup,
} from '../../processes/process-identity.ts';
import type { EmbeddedFiles } from './embedded-files.ts';

const GRACE_MS = 5000;
const GIVE_UP_MS = 30_000;

/**
 * Writes down which process the server is. At once and without yielding: were this process killed between starting the
 * server and recording it, two servers could end up on one store.
 */
export function recordServer(files: EmbeddedFiles, pid: number | undefined, startedAt?: string): void {
  if (pid !== undefined) writeFileSync(files.record, JSON.stringify({ pid, startedAt }), { mode: 0o600 });
}

/** Adds to the record when the server started, which takes a look at the process. */
export async function completeRecord(files: EmbeddedFiles, pid: number): Promise<void> {
  recordServer(files, pid, (await identify(pid))?.startedAt);
}

/**
 * Ends the nats-server that a killed kvflow left on this data directory, if there is one. Nothing but that very server is
 * ever ended: the number, the start and the configuration file on its command line must all fit.
 * @returns its process number, or undefined when there was none.
 */
export async function endOrphan(files: EmbeddedFiles): Promise<number | undefined> {
  const orphan = await readRecord(files);
  if (orphan === undefined || !(await isOurs(orphan, files))) return undefined;
  await endProcess(orphan);
  await rm(files.record, { force: true });
  return orphan.pid;
}

async function readRecord(files: EmbeddedFiles): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(files.record, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

async function isOurs(orphan: ProcessIdentity, files: EmbeddedFiles): Promise<boolean> {
  return (await isRunning(orphan)) && ((await commandLine(orphan.pid))?.includes(files.config) ?? false);
}

async function endProcess(orphan: ProcessIdentity): Promise<void> {
  const begin = Date.now();
  try {
    signalGroup(orphan.pid, 'SIGTERM');
    for (; await isRunning(orphan); await sleep(20)) {
      if (Date.now() - begin > GIVE_UP_MS) throw new Error('it does not end');
      if (Date.now() - begin > GRACE_MS) signalGroup(orphan.pid, 'SIGKILL');
    }
  } catch (cause) {
    const message = `A killed kvflow left its nats-server, process ${orphan.pid}, on this data directory, and it cannot be ended: ${(cause as Error).message}. End that process and start again.`;
    throw new PackError('UNAVAILABLE', message, { retryable: false, cause });
  }
}
