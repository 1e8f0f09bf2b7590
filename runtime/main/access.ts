import type { ApiKey } from '../access/api-key.ts';
import type { AccessLeader } from '../access/authenticator.ts';
import type { Config } from '../config/config.ts';
import type { Authenticator, KeyIssuer, NamedKeys } from '../core/access.ts';
import type { Runtime } from '../main.ts';
import type { Log } from '../server/log.ts';
import { openKeyFile } from './keys.ts';

/** Who may call, and keys for processes of kvflow's own. */
export type Access = Authenticator & NamedKeys & KeyIssuer;

/** What {@link createAccess} may be told. */
export interface AccessOptions {
  /** Told of the keys of the file, now and whenever they have changed. */
  onKeys?(keys: readonly ApiKey[]): void;
  /** In a process that is one of several. */
  leader?: AccessLeader;
}

const KEYS_MS = 10_000;

/** Reads the API keys of the data directory and the configuration. */
export async function createAccess(
  config: Config,
  { logger }: Log,
  { onKeys, leader }: AccessOptions = {},
): Promise<Access> {
  const [keyFile, { createAuthenticator }] = await Promise.all([
    openKeyFile(config),
    import('../access/authenticator.ts'),
  ]);
  const authenticator = createAuthenticator({
    keyFile,
    configKeys: config.http.apiKeys,
    leader,
    ...(onKeys && { onKeys }),
    onError: error => logger.error(error, 'the API keys cannot be read; those known before stay valid'),
  });
  const note = leader ? undefined : keyFile.note();
  if (note) logger.warn(note);
  onKeys?.(keyFile.snapshot());
  return authenticator;
}

/** Which keys there are is told to the log of administrative calls as soon as NATS can be reached. */
export function recordKeys({ adminLog, nats }: Runtime, { dataDir }: Config, keys: readonly ApiKey[]): void {
  const byName = Object.fromEntries(keys.map(({ name, hash: _secret, ...rights }) => [name, { ...rights }]));
  const record = () => adminLog.recordKeys({ deadline: Date.now() + KEYS_MS }, dataDir, byName);
  void nats.joined.then(record).catch(() => undefined);
}
