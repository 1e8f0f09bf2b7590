import type { Open } from '../../core/open.ts';
import type { Registry } from '../../core/registry.ts';

/** What every conversation shares. */
export interface McpParts {
  registry: Registry;
  open: Open;
}
