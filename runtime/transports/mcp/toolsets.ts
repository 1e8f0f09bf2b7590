import { PackError } from '../../../contract/errors.ts';
import type { ManifestFunction } from '../../core/manifest.ts';
import { AGENT_TOOLS } from './agent-tools.ts';

/**
 * Which functions an agent is shown. Clients read a whole list into each conversation, and some drop lists beyond 53 kB, so
 * that what is shown unasked is small. What is not shown can still be called by its name.
 */
export const TOOLSETS = ['default', 'all', 'kv', 'admin', 'transform', 'identify'] as const;

/** Name of a set of tools. */
export type Toolset = (typeof TOOLSETS)[number];

/** Reads a name as a caller gave it; nothing is `default`. Throws INVALID_INPUT. */
export function toToolset(name: string | undefined | null): Toolset {
  const found = TOOLSETS.find(set => set === (name || 'default'));
  if (found) return found;
  throw new PackError(
    'INVALID_INPUT',
    `There is no toolset "${name}". Choose one of: ${TOOLSETS.join(', ')}.`,
  );
}

/** Whether a function is in the set. */
export function isIn(toolset: Toolset, { name }: ManifestFunction): boolean {
  if (toolset === 'all') return true;
  if (toolset === 'default') return Object.hasOwn(AGENT_TOOLS, name);
  if (toolset === 'admin') return /^kv-(bucket|account)-/.test(name);
  if (toolset === 'kv') return name.startsWith('kv-key-') || name === 'kv-bucket-list';
  return name.startsWith(toolset);
}
