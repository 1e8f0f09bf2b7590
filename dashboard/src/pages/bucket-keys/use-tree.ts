import { useMemo } from 'react';
import { createRecent } from '../../lib/recent.ts';
import type { TreeLevels } from './tree-levels.ts';
import { createTreeLevels } from './tree-levels.ts';

/** Trees looked at last: going back to one shows its open levels again. */
const remembered = createRecent<TreeLevels>(4);

/** The tree of a bucket, begun anew with another filter or delimiter. */
export function useTree(bucket: string, filter: string, delimiter: string): TreeLevels {
  return useMemo(
    () =>
      remembered(JSON.stringify([bucket, filter, delimiter]), () =>
        createTreeLevels({ bucket, filter, delimiter }),
      ),
    [bucket, filter, delimiter],
  );
}
