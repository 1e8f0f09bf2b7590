import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { KvTouch } from '../../../core/ports/writes.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { withAbout } from '../headers/about.ts';
import { keptWithTtl, messageTtl } from '../headers/ends.ts';
import type { LastWritten } from './outgoing.ts';
import type { PutResult } from './put.ts';
import { revisionConflict } from './refusals.ts';
import { checkTtl } from './ttl.ts';
import type { Writer } from './writer.ts';
import { expiryFromNow } from './writer.ts';

/** A value that others write again and again is not chased for longer. */
const MAX_TRIES = 16;

/** Makes the touch of one connection: the same value again with another ttl, only on top of what was read. */
export function createTouch(
  handles: Handles,
  writer: Writer,
): (call: Call, touch: KvTouch) => Promise<PutResult> {
  return async (call, touch) => {
    const handle = await handles.open(call, touch.bucket);
    const key = handle.codec.encode(touch.key);
    for (let tries = 1; ; tries++) {
      const found = await writer.last(call, handle, key);
      const live = checked(touch, found);
      const ttl = ttlFor(handle, touch, live);
      const { data: value } = live.message;
      const message = {
        key,
        value,
        headers: withAbout(keptWithTtl(live.message, ttl), { by: call.by }),
        expected: live.seq,
      };
      const end = ttl === undefined ? undefined : { expiresAt: expiryFromNow(handle, ttl) };
      const outcome = await writer.storeOn(call, handle, message);
      if ('stored' in outcome) {
        return { revision: outcome.stored, ...end };
      }
      if (touch.expectedRevision !== undefined || tries === MAX_TRIES) {
        throw revisionConflict({ ...touch, expected: live.seq }, outcome.conflict);
      }
    }
  };
}

function checked(touch: KvTouch, found: LastWritten | undefined): LastWritten {
  if (touch.expectedRevision !== undefined && found?.live && found.seq !== touch.expectedRevision) {
    throw revisionConflict({ ...touch, expected: touch.expectedRevision }, found);
  }
  if (found?.live) return found;
  throw new PackError(
    'KEY_NOT_FOUND',
    `There is no key "${touch.key}" in bucket "${touch.bucket}" to touch.`,
    {
      details: found ? { deleted_at: found.at } : {},
    },
  );
}

/** Undefined: the item gets no ttl. */
function ttlFor(handle: BucketHandle, touch: KvTouch, { message }: LastWritten): number | undefined {
  if (touch.ttl === 0) return undefined;
  const before = message.headers ? messageTtl(message.headers) : undefined;
  const ttl = touch.ttl ?? (before === 'never' ? undefined : before);
  // Written again, it has the bucket's whole ttl before it.
  if (ttl === undefined && (handle.origin.config.max_age ?? 0) > 0) return undefined;
  if (ttl === undefined) {
    throw invalidField(
      '/ttl',
      `is required: key "${touch.key}" was written without a ttl that could be renewed`,
    );
  }
  checkTtl(handle, ttl);
  return ttl;
}
