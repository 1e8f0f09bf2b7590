import type { StoredItem } from './stored-item.ts';

/** What a conflict is made of. */
export interface ConflictProps {
  base: StoredItem;
  theirs: StoredItem;
  /** As it would be stored. */
  mine: string;
  /** Goes on editing with the merged value, on top of theirs. */
  onMerged(value: string, theirs: StoredItem): void;
  onDiscard(): void;
}
