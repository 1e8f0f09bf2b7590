import { invalidField } from '../../contract/errors.ts';
import type { CopyConfig } from '../config/config.ts';
import type { Remote } from '../core/remote.ts';

/** Of an answer, and of one call: an import of some megabytes takes its time. */
const LIMITS = { maxBytes: 16 * 1024 * 1024, timeoutMs: 30_000 };
const SETTING = 'COPY_HOSTS';
/** Before a host that is a NATS, in the setting: one that is named for kvflows is none. */
const NATS = 'nats://';

/** Reaches other kvflows and NATS at hosts that the setting names; what it needs is loaded at the first call. */
export function createLazyRemote(config: CopyConfig): Remote {
  let [http, nats]: (Promise<Remote> | undefined)[] = [];
  return async (target, call) => {
    const { protocol } = new URL(target.url);
    const isNats = protocol === 'nats:' || protocol === 'tls:';
    const [stray, value] = isNats ? ['api_key', target.apiKey] : ['login', target.login];
    if (value !== undefined)
      throw invalidField(
        `/${stray}`,
        `is not for ${protocol}//: api_key is for another kvflow, login for a NATS`,
      );
    if (isNats) nats ??= loadNats(config);
    else http ??= loadHttp(config);
    return await (await ((isNats ? nats : http) as Promise<Remote>))(target, call);
  };
}

async function loadHttp({ hosts, ...config }: CopyConfig): Promise<Remote> {
  const [{ createGuardedFetch }, { createRemote }] = await Promise.all([
    import('../net/guarded-fetch.ts'),
    import('../net/remote-kvflow.ts'),
  ]);
  const named = hosts.filter(host => !host.startsWith(NATS));
  return createRemote(createGuardedFetch(await guardOf({ hosts: named, ...config }), LIMITS));
}

async function loadNats({ hosts, ...config }: CopyConfig): Promise<Remote> {
  const { createNatsRemote } = await import('./remote-nats.ts');
  const named = hosts.filter(host => host.startsWith(NATS)).map(host => host.slice(NATS.length));
  return createNatsRemote(await guardOf({ hosts: named, ...config }, NATS));
}

async function guardOf({ hosts, private: mayBePrivate }: CopyConfig, scheme?: string) {
  const { createGuard } = await import('../net/guard.ts');
  const everywhere = mayBePrivate ? { isAllowedAddress: () => true } : {};
  return createGuard({ hosts, setting: SETTING, ...(scheme && { scheme }), ...everywhere });
}
