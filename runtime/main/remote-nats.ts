import { isIP } from 'node:net';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { KvBucketImportInput, KvBucketInfoInput } from '../../contract/types.gen.ts';
import importFunction from '../../functions/kv-bucket-import.ts';
import infoFunction from '../../functions/kv-bucket-info.ts';
import type { Call } from '../core/call.ts';
import type { FunctionContext } from '../core/define-function.ts';
import { EVERYTHING, isOwnedBucket } from '../core/principal.ts';
import type { Remote, RemoteFunction, RemoteTarget } from '../core/remote.ts';
import type { NatsSettings } from '../nats/nats-settings.ts';
import { type Nats, openNats } from '../nats/open.ts';
import type { Guard } from '../net/guard.ts';

const PORT = 4222;
/** For the log-in; a NATS that is not reached by then is away. */
const JOIN_MS = 10_000;

/**
 * Opens a NATS that a caller names. The connection is made to the very addresses that the guard has checked, and to none that the
 * server tells of: its cluster is not followed.
 */
export function createNatsRemote(guard: Guard): Remote {
  return async (target, call) => {
    const failed = new AbortController();
    // The first attempt that fails is the last: somebody waits. What is refused for good is told by `joined` itself.
    const log = { info: () => undefined, warn: () => void setImmediate(() => failed.abort()) };
    const nats = openNats(await settingsOf(guard, target), log);
    const close = () => nats.close();
    try {
      await joined(nats, target, { signal: signalOf(call, failed.signal) });
    } catch (error) {
      await close();
      throw error;
    }
    return {
      call: async (name, input, each) => await run(nats, { name, input }, each),
      [Symbol.asyncDispose]: close,
    };
  };
}

async function settingsOf(guard: Guard, { url, login = {} }: RemoteTarget): Promise<NatsSettings> {
  const { protocol, hostname, port, username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw invalidField('/url', 'has a user or password; give them as login in their place');
  const where = { hostname, port: port === '' ? PORT : Number(port), usualPort: PORT };
  const admitted = await guard.admit(where);
  // A name is not looked up again; its certificate is that of the name all the same.
  const name = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { servername: hostname } : {};
  const { creds, nkey, ...rest } = login;
  return {
    servers: admitted.map(({ address, family }) =>
      family === 6 ? `[${address}]:${where.port}` : `${address}:${where.port}`,
    ),
    name: 'kvflow kv-bucket-send',
    onlyThese: true,
    ...rest,
    ...(creds !== undefined && { creds }),
    ...(nkey !== undefined && { nkey }),
    ...(protocol === 'tls:' && { tls: name }),
  };
}

/** Waits for the log-in. */
async function joined(nats: Nats, { url }: RemoteTarget, { signal }: { signal: AbortSignal }): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () =>
    reject(new PackError('UNAVAILABLE', `${hostOf(url)} is not reached`, { retryable: true }));
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([nats.joined, promise]);
  } catch (cause) {
    if (cause instanceof PackError) throw cause;
    throw new PackError('FORBIDDEN', `${hostOf(url)} refuses the log-in, or takes no such connection`, {
      cause,
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Ends when the caller is gone, time is up, or the attempt has failed. */
function signalOf({ deadline, signal }: Call, failed: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(Math.max(0, Math.min(JOIN_MS, deadline - Date.now())));
  return AbortSignal.any([...(signal ? [signal] : []), late, failed]);
}

/** The function as a kvflow on that NATS would run it, for whoever the login is. */
async function run(
  nats: Nats,
  { name, input }: { name: RemoteFunction; input: unknown },
  call: Call,
): Promise<unknown> {
  const { bucket } = input as { bucket: string };
  // What a kvflow there keeps for itself is no bucket of items.
  if (isOwnedBucket(bucket))
    throw new PackError('FORBIDDEN', `bucket "${bucket}" is one that a kvflow there keeps for itself`);
  const ctx = contextOf(nats, call);
  if (name === 'kv-bucket-info') return await infoFunction.run(input as KvBucketInfoInput, ctx);
  return await importFunction.run(input as KvBucketImportInput, ctx);
}

function contextOf({ kv }: Nats, call: Call): FunctionContext {
  const none = async (): Promise<never> => {
    throw new PackError('UNSUPPORTED', 'there is a NATS alone');
  };
  return {
    ...call,
    kv,
    scripting: none,
    recognition: none,
    remote: none,
    principal: EVERYTHING,
    readmit: () => undefined,
    invocationId: '',
  };
}

function hostOf(url: string): string {
  return new URL(url).host;
}
