import type { HistoryItem } from '../../../../contract/types.gen.ts';

/** A version of a stored script. */
export interface ScriptVersion {
  version: number;
  at: string;
  script: string;
  description: string | undefined;
}

/** The versions of a script's history, newest first. */
export function readVersions(items: readonly HistoryItem[]): ScriptVersion[] {
  const versions: ScriptVersion[] = [];
  for (const { operation, value = '', revision, created_at } of items) {
    const stored = operation === 'put' ? parse(value) : undefined;
    if (stored) versions.unshift({ version: revision, at: created_at, ...stored });
  }
  return versions;
}

function parse(value: string): Pick<ScriptVersion, 'script' | 'description'> | undefined {
  try {
    const { script, description } = JSON.parse(value) as Record<string, unknown>;
    if (typeof script !== 'string') return undefined;
    return { script, description: typeof description === 'string' ? description : undefined };
  } catch {
    return undefined;
  }
}
