import { useMemo, useState } from 'react';
import type { ListItem } from '../../../../contract/types.gen.ts';

/** Keys that are selected, with the revision they were seen at. */
export interface Selection {
  keys: ReadonlyMap<string, number>;
  toggle(item: ListItem): void;
  /** Selects those that are not yet. */
  add(items: readonly ListItem[]): void;
  /** Selects or, where all of them are, leaves out. */
  toggleAll(items: readonly ListItem[]): void;
  /** Keys that are gone. */
  drop(keys: readonly string[]): void;
  clear(): void;
}

/** The selection of a page. It belongs to the keys, not to rows: refreshing and filtering keep it. */
export function useSelection(): Selection {
  const [keys, setKeys] = useState<ReadonlyMap<string, number>>(new Map());
  const changes = useMemo(
    () => ({
      toggle: (item: ListItem) => setKeys(before => changed(before, [item], !before.has(item.key))),
      add: (items: readonly ListItem[]) =>
        setKeys(before =>
          changed(
            before,
            items.filter(({ key }) => !before.has(key)),
            true,
          ),
        ),
      toggleAll: (items: readonly ListItem[]) =>
        setKeys(before => changed(before, items, !items.every(({ key }) => before.has(key)))),
      drop: (gone: readonly string[]) =>
        setKeys(before => {
          const left = new Map(before);
          for (const key of gone) left.delete(key);
          return left;
        }),
      clear: () => setKeys(new Map()),
    }),
    [],
  );
  return useMemo(() => ({ keys, ...changes }), [keys, changes]);
}

function changed(before: ReadonlyMap<string, number>, items: readonly ListItem[], selected: boolean) {
  const after = new Map(before);
  for (const { key, sequence } of items) {
    if (selected) after.set(key, sequence);
    else after.delete(key);
  }
  return after;
}
