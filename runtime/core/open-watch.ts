import type { KvKeyWatchInput } from '../../contract/types.gen.ts';
import { admit } from './admit.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { KvWatch } from './ports/watches.ts';
import type { Principal } from './principal.ts';
import type { Registry } from './registry.ts';
import { scopedKv } from './scoped-kv.ts';
import { watchRange } from './watch-range.ts';

/** Who opens a stream, and who that is later. */
export interface StreamCaller {
  principal: Principal;
  /** Who the caller is now. Throws PackError UNAUTHENTICATED where its key was revoked or has expired. */
  renew(): Principal;
  /** Whether the caller is gone: a stream that it did not wait for is closed as soon as it is open. */
  gone?(): boolean;
}

/** Opens a watch for a caller; the input is that of kv-key-watch, `limit` and `wait_ms` left aside. */
export type OpenWatch = (input: unknown, caller: StreamCaller) => Promise<KvWatch>;

/** The function whose rights and input a watch shares. */
export const WATCH = 'kv-key-watch';

const SETUP_MS = 10_000;

/**
 * The door for what streams, beside invoke: admission as for any call, and again for each step. What is read after a key was
 * revoked, expired or narrowed is not handed out: `next` throws instead.
 */
export function createOpenWatch({
  registry,
  kv,
}: {
  registry: Registry;
  kv: Pick<KvStore, 'watch'>;
}): OpenWatch {
  return async (input, { principal, renew, gone }) => {
    const fn = registry.get(WATCH);
    admit(fn, input, principal);
    const range = watchRange(input as KvKeyWatchInput);
    const watch = await scopedKv(kv as KvStore, principal).watch({ deadline: Date.now() + SETUP_MS }, range);
    if (gone?.()) watch.close();
    let admitted = principal;
    return {
      startedAt: watch.startedAt,
      hasMore: watch.hasMore,
      takeReset: watch.takeReset,
      bucketId: watch.bucketId,
      ended: watch.ended,
      passed: watch.passed,
      close: watch.close,
      next: async (most, waitMs) => {
        const changes = await watch.next(most, waitMs);
        const now = renew();
        if (now !== admitted) admit(fn, input, now);
        admitted = now;
        return changes;
      },
    };
  };
}
