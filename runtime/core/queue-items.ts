/** What a queue stores: its keys, and what is in them. */

import { isUtf8 } from 'node:buffer';
import type { KvEntry } from './ports/items.ts';

/** An item as it is stored. */
export interface Stored {
  value: string;
  tries: number;
  /** Its id, where it was put aside under the key of another. */
  id?: string;
}

/** Of a key, in bytes. */
export const LONGEST_KEY = 1_024;

/** The key of an item. */
export function itemKey(queue: string, id: string): string {
  return `${queue}.item.${id}`;
}

/** The key that is there while an item is leased or delayed. */
export function leaseKey(queue: string, id: string): string {
  return `${queue}.lease.${id}`;
}

/** Whether an item's lease has a key: one that was put there by hand may have too long an id. */
export function canBeLeased(queue: string, id: string): boolean {
  return Buffer.byteLength(leaseKey(queue, id)) <= LONGEST_KEY;
}

/** An item, or text that was put there by hand, which is an item too; undefined: bytes that are no text. */
export function readStored({ value }: KvEntry): Stored | undefined {
  if (!isUtf8(value)) return undefined;
  const text = Buffer.from(value).toString('utf8');
  try {
    const { value, tries, id } = Object(JSON.parse(text)) as Partial<Stored>;
    if (typeof value === 'string' && Number.isSafeInteger(tries))
      return { value, tries: Number(tries), ...(typeof id === 'string' && { id }) };
  } catch {
    // Not written by kv-queue-push.
  }
  return { value: text, tries: 0 };
}
