/** `node scripts/release/fetch-archives.ts FOLDER`: downloads the pinned release of nats-server for every platform. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NATS_RELEASE, RELEASE_BASE_URL } from '../../runtime/nats/server/releases.ts';

const [folder = '.'] = process.argv.slice(2);
for (const platform of Object.keys(NATS_RELEASE.sha256)) {
  const ending = platform.startsWith('windows') ? 'zip' : 'tar.gz';
  const name = `nats-server-v${NATS_RELEASE.version}-${platform}.${ending}`;
  const response = await fetch(`${RELEASE_BASE_URL}/v${NATS_RELEASE.version}/${name}`);
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  await writeFile(join(folder, name), Buffer.from(await response.arrayBuffer()));
}
