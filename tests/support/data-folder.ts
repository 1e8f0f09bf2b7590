import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder for the data of a server that a test starts. `npm test` names a place in memory for them, where there is one, in
 * KVFLOW_TEST_DATA: making a bucket there takes half as long, since nothing waits for a disk. Default: the system's temporary folder.
 */
export async function makeDataFolder(prefix: string): Promise<string> {
  return await mkdtemp(join(process.env.KVFLOW_TEST_DATA ?? tmpdir(), prefix));
}
