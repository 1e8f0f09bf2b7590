import { useQuery } from '@tanstack/react-query';
import { invoke } from '../../api/invoke.ts';

/** Keys before and after one in the order of the list. */
export interface Neighbours {
  previous: string | undefined;
  next: string | undefined;
}

/** How far back is looked for the key before, in revisions. A list can only be read forwards. */
const LOOK_BACK = [100, 1_000, Number.POSITIVE_INFINITY];
const MAX = 1_000;

/** The neighbours of a key at a revision, among those that a filter shows. Asked for again when the list changes. */
export function useNeighbours(bucket: string, revision: number | undefined, filter: string): Neighbours {
  const { data } = useQuery({
    queryKey: ['kv-key-list', 'neighbours', bucket, revision, filter],
    enabled: revision !== undefined,
    queryFn: async ({ signal }) => {
      const list = (start_seq: number, limit: number) =>
        invoke('kv-key-list', { bucket, filter, start_seq, limit, include_values: false }, { signal });
      const [after, previous] = await Promise.all([list(revision ?? 0, 1), before(revision ?? 0, list)]);
      return { previous, next: after.items[0]?.key };
    },
  });
  return data ?? { previous: undefined, next: undefined };
}

type List = (
  startSeq: number,
  limit: number,
) => Promise<{ items: { key: string; sequence: number }[]; has_more: boolean }>;

/** Looks back further and further. What lies in between was deleted or written again. */
async function before(revision: number, list: List): Promise<string | undefined> {
  for (const far of LOOK_BACK) {
    const start = Math.max(0, revision - 1 - far);
    const { items, has_more } = await list(start, Math.min(MAX, far));
    const earlier = items.filter(({ sequence }) => sequence < revision);
    // A page that ends before the revision does not show what is next to it.
    if (earlier.length > 0 && (earlier.length < items.length || !has_more)) return earlier.at(-1)?.key;
    if (earlier.length > 0 && far <= MAX) return earlier.at(-1)?.key;
    if (start === 0) return undefined;
  }
  return undefined;
}
