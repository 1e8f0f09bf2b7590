import { keyNotFound } from './items.ts';
import type { KvChange } from './ports/transactions.ts';

/** Writes the item of `from` under `to` as well, with its end and what else belongs to it. Throws KEY_NOT_FOUND. */
export function copyChange({ bucket, from, to }: { bucket: string; from: string; to: string }): KvChange {
  return {
    op: 'change',
    key: to,
    from,
    change: found => {
      if (!found) throw keyNotFound({ bucket, key: from });
      return { value: found.value };
    },
  };
}
