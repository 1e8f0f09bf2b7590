import type { ListItem } from '../../../../contract/types.gen.ts';
import { invoke, invokeBatch } from '../../api/invoke.ts';
import type { ScanWork } from '../../hooks/use-scan.ts';

/** Keys of a group, and those of them without an end. */
export interface WithoutTtl {
  keys: number;
  without: number;
}

/** Keys that have their ttl, and those that somebody changed meanwhile, which are left as they are. */
export interface Touched {
  touched: number;
  changed: number;
}

const PAGE = 1_000;

/** Counts the keys of a pattern. */
export function countKeys(bucket: string, filter: string): ScanWork<WithoutTtl> {
  return async (signal, tell) => {
    const sums = { keys: 0, without: 0 };
    tell({ ...sums });
    for await (const items of pages(bucket, filter, signal)) {
      sums.keys += items.length;
      sums.without += items.filter(({ expires_at }) => expires_at === undefined).length;
      tell({ ...sums });
    }
  };
}

/** Sets their ttl, each on top of the revision that was listed. Throws the first failure that is no conflict. */
export function touchAll({
  bucket,
  filter,
  ttl,
  onlyWithout,
}: {
  bucket: string;
  filter: string;
  ttl: number;
  onlyWithout: boolean;
}): ScanWork<Touched> {
  return async (signal, tell) => {
    // A key that is touched is listed again at its new place: all are listed before the first is.
    const wanted: Pick<ListItem, 'key' | 'sequence'>[] = [];
    for await (const items of pages(bucket, filter, signal)) {
      for (const { key, sequence, expires_at } of items)
        if (!onlyWithout || expires_at === undefined) wanted.push({ key, sequence });
    }
    const sums = { touched: 0, changed: 0 };
    for (let at = 0; at < wanted.length; at += PAGE) {
      const some = wanted.slice(at, at + PAGE).map(({ key, sequence }) => ({
        function: 'kv-key-touch',
        input: { bucket, key, ttl, expected_revision: sequence },
      }));
      for (const answer of await invokeBatch(some, { signal })) {
        if (!('error' in answer)) sums.touched += 1;
        else if (/^(REVISION_CONFLICT|KEY_NOT_FOUND)$/.test(answer.error.code)) sums.changed += 1;
        else throw answer.error;
      }
      tell({ ...sums });
    }
  };
}

async function* pages(bucket: string, filter: string, signal: AbortSignal): AsyncGenerator<ListItem[]> {
  for (let [start_seq, more] = [0, true]; more; ) {
    const input = { bucket, filter, start_seq, limit: PAGE, include_values: false };
    const page = await invoke('kv-key-list', input, { signal });
    yield page.items;
    [start_seq, more] = [page.next_seq, page.has_more];
  }
}
