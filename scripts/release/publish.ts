/**
 * `node scripts/release/publish.ts FOLDER`: publishes the tarballs that `release:dry --keep FOLDER` left, platform packages
 * first, so that nobody gets a kvflow whose nats-server is not there yet. Provenance comes from the workflow's identity.
 */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOwner, unsaid } from './owner.ts';

const [folder] = process.argv.slice(2);
const missing = unsaid(await readOwner());
if (missing.length > 0 || !folder) {
  console.error(missing.length > 0 ? missing.join('\n') : 'usage: publish.ts FOLDER');
  process.exit(1);
}
const tarballs = (await readdir(folder)).filter(file => file.endsWith('.tgz'));
const rank = (file: string): number =>
  ['kvflow-nats-server', 'kvflow-'].findIndex(start => file.startsWith(start));
for (const file of tarballs.sort((a, b) => rank(a) - rank(b))) {
  const args = ['publish', join(folder, file), '--access', 'public', '--provenance'];
  const { status } = spawnSync('npm', args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
