import { decodeToken } from '../../../../contract/recognition-token.ts';
import type { FoundItem } from '../../api/newest-items.ts';
import { jsonOf } from './stored.ts';

/** Part of a call that is still to be finished. */
export interface PendingCall {
  key: string;
  destination: string;
  namespace: string;
  id: string;
  /** Undefined: too many to be read with the list. */
  events: number | undefined;
  bytes: number;
  at: string;
}

/** An entry whose key is `<destination>.<bucket>.<namespace>.<call>`. */
export async function readPending({ key, stored, created_at, size = 0 }: FoundItem): Promise<PendingCall> {
  const [destination = '', , namespace = '', id = ''] = key.split('.');
  const json = await jsonOf(stored);
  return {
    key,
    destination: decodeToken(destination).text,
    namespace: decodeToken(namespace).text,
    id,
    events: Array.isArray(json?.events) ? json.events.length : undefined,
    bytes: size,
    at: created_at,
  };
}
