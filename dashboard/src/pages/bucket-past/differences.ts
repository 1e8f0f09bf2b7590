import type { ChangedItem } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import type { ScanWork } from '../../hooks/use-scan.ts';
import { type Moment, rfc3339 } from '../../lib/moment.ts';

/** Which moments of a bucket are compared. Without `until` it is now. */
export interface Compared {
  bucket: string;
  /** Pattern of the keys; empty: all. */
  filter: string;
  since: Moment;
  until: Moment | undefined;
}

/** What differs, as far as it has been looked for. */
export interface Differences {
  items: ChangedItem[];
  /** There are more than the page takes. */
  cut: boolean;
}

const PAGE = 200;
/** Differences that a page shows; their values are kept. */
const MAX = 2_000;

/** Looks for the keys that differ, call by call. */
export function findDifferences({ bucket, filter, since, until }: Compared): ScanWork<Differences> {
  return async (signal, tell) => {
    const items: ChangedItem[] = [];
    let start_seq = 0;
    for (;;) {
      const page = await invoke(
        'kv-bucket-diff',
        {
          bucket,
          ...(filter !== '' && { filter }),
          ...('revision' in since ? { since_revision: since.revision } : { since: rfc3339(since.time) }),
          ...(until &&
            ('revision' in until ? { until_revision: until.revision } : { until: rfc3339(until.time) })),
          values: true,
          limit: PAGE,
          start_seq,
        },
        { signal },
      );
      items.push(...page.items);
      const cut = page.has_more && items.length >= MAX;
      tell({ items: [...items], cut });
      if (cut || !page.has_more) return;
      start_seq = page.next_seq;
    }
  };
}
