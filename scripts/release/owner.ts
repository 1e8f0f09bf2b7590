import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What only the owner of the project can say; null: not said yet. Stands in owner.json and nowhere else. */
export interface Owner {
  /** Address of the repository, such as `https://git.example/kvflow`. */
  repository: string | null;
  homepage: string | null;
  /** Where faults are reported: an address. */
  bugs: string | null;
  author: string;
  /** An e-mail address for questions and reports of weaknesses. */
  contact: string | null;
  /** Optional: publishing does not need it. */
  funding: string | null;
  /** Such as `registry.example/kvflow`. */
  imageRegistry: string | null;
}

const OPTIONAL = ['funding'];

/** Reads owner.json. */
export async function readOwner(): Promise<Owner> {
  return JSON.parse(await readFile(join(import.meta.dirname, 'owner.json'), 'utf8')) as Owner;
}

/** What publishing cannot do without and nobody has said: `set repository in scripts/release/owner.json`. */
export function unsaid(owner: Owner): string[] {
  return Object.entries(owner)
    .filter(([name, value]) => value === null && !OPTIONAL.includes(name))
    .map(([name]) => `set ${name} in scripts/release/owner.json`);
}

/** The fields of package.json that follow. A dry run fills what nobody has said with addresses that lead nowhere. */
export function ownerFields(owner: Owner, directory: string): Record<string, unknown> {
  const repository = owner.repository ?? 'https://kvflow.invalid/repository';
  return {
    repository: { type: 'git', url: `git+${repository}.git`, directory },
    homepage: owner.homepage ?? `${repository}#readme`,
    bugs: { url: owner.bugs ?? `${repository}/issues` },
    author: { name: owner.author, email: owner.contact ?? 'nobody@kvflow.invalid' },
    ...(owner.funding && { funding: owner.funding }),
  };
}
