import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences that let everybody use kvflow for anything. */
const FINE =
  /^\(?(MIT|ISC|0BSD|BlueOak-1\.0\.0|BSD-[23]-Clause|Apache-2\.0|Unlicense|CC0-1\.0|Python-2\.0)( (OR|AND) .*)?\)?$/;

interface Locked {
  license?: string;
  dev?: boolean;
  peer?: boolean;
  link?: boolean;
}

/** Packages that whoever installs kvflow gets with it, and whose licence is none of those: from the lock file. */
export async function licenceFaults(root: string): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(packages)
    .filter(([path, { dev, peer, link }]) => /^node_modules\//.test(path) && !dev && !peer && !link)
    .filter(([, { license }]) => !FINE.test(license ?? ''))
    .map(([path, { license }]) => `${path}: licence ${license ?? 'not named'}`);
}
