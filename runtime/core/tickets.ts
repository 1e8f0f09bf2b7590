import { hash, randomBytes } from 'node:crypto';
import { PackError } from '../../contract/errors.ts';
import { OWN_BUCKETS, TICKETS_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from './call.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import { ownedBucket } from './state/owned-bucket.ts';

/** What stands for an API key once, where a key cannot be sent: browsers open an event stream by its address alone. */
export interface Tickets {
  /** A new ticket for the key of this name, and when it ends (RFC 3339). */
  issue(call: Call, keyName: string): Promise<{ ticket: string; expires_at: string }>;
  /** The name of the key that a ticket stands for; from then on it is void, over any number of processes. Throws UNAUTHENTICATED. */
  redeem(call: Call, ticket: string): Promise<string>;
}

const SECONDS = OWN_BUCKETS[TICKETS_BUCKET].options.ttl / 1e9;

/** Makes the tickets over the key-value store: the hash of each is kept until it is used, or for a minute. */
export function createTickets(kv: KvStore): Tickets {
  const owned = ownedBucket(kv, { name: TICKETS_BUCKET, ...OWN_BUCKETS[TICKETS_BUCKET] });
  return { issue, redeem };

  async function issue(call: Call, keyName: string) {
    const ticket = randomBytes(32).toString('base64url');
    const put = { bucket: TICKETS_BUCKET, key: hash('sha256', ticket, 'hex'), value: keyName };
    await owned.use(call, () => kv.put(call, put));
    return { ticket, expires_at: new Date(Date.now() + SECONDS * 1_000).toISOString() };
  }

  async function redeem(call: Call, ticket: string): Promise<string> {
    const place = { bucket: TICKETS_BUCKET, key: hash('sha256', ticket, 'hex') };
    try {
      const found = await kv.get(call, place);
      if (!isEntry(found)) throw unknown();
      // Of two who use it at once one removes this revision.
      await kv.remove(call, { ...place, operation: 'purge', expectedRevision: found.revision });
      return Buffer.from(found.value).toString('utf8');
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      throw ['REVISION_CONFLICT', 'BUCKET_NOT_FOUND'].includes(error.code) ? unknown() : error;
    }
  }
}

function unknown(): PackError {
  return new PackError(
    'UNAUTHENTICATED',
    `This ticket is not known: it was used, or is older than ${SECONDS} seconds. POST /tickets gives another.`,
  );
}
