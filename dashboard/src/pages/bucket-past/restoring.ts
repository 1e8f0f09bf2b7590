import type { RestoredItem } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import type { ScanWork } from '../../hooks/use-scan.ts';
import { type Moment, rfc3339 } from '../../lib/moment.ts';

/** What is brought back, and to which moment. */
export interface Restored {
  bucket: string;
  /** A key, or a pattern; empty: the whole bucket. */
  filter: string;
  at: Moment;
}

/** What was done, or would be, so far. */
export interface Restoring {
  put: number;
  removed: number;
  unchanged: number;
  unknown: number;
  conflicts: number;
  /** The first of them. */
  items: RestoredItem[];
}

/** Keys named in the preview. */
const MAX = 500;

/** Restores call by call, or only tells what would be done. */
export function restoreAt({ bucket, filter, at }: Restored, dryRun: boolean): ScanWork<Restoring> {
  return async (signal, tell) => {
    const sums: Restoring = { put: 0, removed: 0, unchanged: 0, unknown: 0, conflicts: 0, items: [] };
    let onward: { start_seq: number; until_revision: number } | undefined;
    do {
      const { items, ...page } = await invoke(
        'kv-bucket-restore-at',
        {
          bucket,
          ...(filter !== '' && { filter }),
          ...('revision' in at ? { revision: at.revision } : { at: rfc3339(at.time) }),
          dry_run: dryRun,
          ...onward,
        },
        { signal },
      );
      for (const count of ['put', 'removed', 'unchanged', 'unknown', 'conflicts'] as const) {
        sums[count] += page[count];
      }
      sums.items = [...sums.items, ...items].slice(0, MAX);
      tell({ ...sums });
      const { next_seq = 0, until_revision = 0 } = page;
      onward = page.has_more ? { start_seq: next_seq, until_revision } : undefined;
    } while (onward);
  };
}
