import { useMemo } from 'react';
import type { TreeLevels } from './tree-levels.ts';
import { createTreeLevels } from './tree-levels.ts';

/** The tree of a bucket, begun anew with another filter or delimiter. */
export function useTree(bucket: string, filter: string, delimiter: string): TreeLevels {
  return useMemo(() => createTreeLevels({ bucket, filter, delimiter }), [bucket, filter, delimiter]);
}
