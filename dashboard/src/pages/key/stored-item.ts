import { codeOf } from '../../api/api-error.ts';
import type { OutputOf } from '../../api/invoke.ts';
import { invoke } from '../../api/invoke.ts';

/** An item as kv-key-get answers it without `json`, where a value is always text. */
export type StoredItem = OutputOf<'kv-key-get'> & { value: string };

/** The current item, or undefined where there is none. */
export async function readItem(bucket: string, key: string): Promise<StoredItem | undefined> {
  try {
    return (await invoke('kv-key-get', { bucket, key })) as StoredItem;
  } catch (error) {
    if (codeOf(error) === 'KEY_NOT_FOUND') return undefined;
    throw error;
  }
}
