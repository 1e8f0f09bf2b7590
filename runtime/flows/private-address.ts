import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const isWindows = process.platform === 'win32';

/** An address that only this user can reach: a socket in a folder that is closed to others, on Windows a pipe without a known name. */
export async function privateAddress(): Promise<string> {
  if (isWindows) return `\\\\.\\pipe\\kvflow-flows-${randomUUID()}`;
  // Not in the data directory: the address of a socket has at most 104 characters.
  return join(await mkdtemp(join(tmpdir(), 'kvflow-flows-')), 'http');
}

/** Takes away what {@link privateAddress} made. Never throws. */
export async function forgetAddress(address: string): Promise<void> {
  if (!isWindows) await rm(dirname(address), { recursive: true, force: true }).catch(() => undefined);
}
