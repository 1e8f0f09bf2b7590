/**
 * `node scripts/release/publish.ts FOLDER`: publishes the tarballs that `release:dry --keep FOLDER` left, platform packages
 * first, so that nobody gets a kvflow whose nats-server is not there yet. Provenance comes from the workflow's identity.
 * `--dry-run` does everything but that: npm looks at each tarball and publishes none, and nothing has to be said by the owner.
 */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readOwner, unsaid } from './owner.ts';
import { publishOrder } from './publish-order.ts';

const { positionals, values } = parseArgs({
  options: { 'dry-run': { type: 'boolean' } },
  allowPositionals: true,
});
const isDry = values['dry-run'] === true;
const [folder] = positionals;
const missing = isDry ? [] : unsaid(await readOwner());
if (missing.length > 0 || !folder) {
  console.error(missing.length > 0 ? missing.join('\n') : 'usage: publish.ts [--dry-run] FOLDER');
  process.exit(1);
}
const how = isDry ? ['--dry-run', '--offline'] : ['--provenance'];
for (const file of publishOrder(await readdir(folder))) {
  const args = ['publish', join(folder, file), '--access', 'public', ...how];
  const { status } = spawnSync('npm', args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
