import type { CopyConfig } from '../config/config.ts';
import type { Remote } from '../core/remote.ts';

/** Of an answer, and of one call: an import of some megabytes takes its time. */
const LIMITS = { maxBytes: 16 * 1024 * 1024, timeoutMs: 30_000 };

/** Calls other kvflows at hosts that the setting names; what it needs is loaded at the first call. */
export function createLazyRemote({ hosts, private: mayBePrivate }: CopyConfig): Remote {
  let made: Promise<Remote> | undefined;
  return async call => {
    made ??= load();
    return await (await made)(call);
  };

  async function load(): Promise<Remote> {
    const [{ createGuard }, { createGuardedFetch }, { createRemote }] = await Promise.all([
      import('../net/guard.ts'),
      import('../net/guarded-fetch.ts'),
      import('../net/remote-kvflow.ts'),
    ]);
    const everywhere = mayBePrivate ? { isAllowedAddress: () => true } : {};
    return createRemote(
      createGuardedFetch(createGuard({ hosts, setting: 'COPY_HOSTS', ...everywhere }), LIMITS),
    );
  }
}
