import { join } from 'node:path';
import type { KeyFile } from '../access/key-file.ts';
import type { Config } from '../config/config.ts';
import type { Keys } from '../transports/cli/host.ts';

/** The API keys of the data directory. */
export async function openKeyFile(config: Config): Promise<KeyFile> {
  const { createKeyFile } = await import('../access/key-file.ts');
  return createKeyFile(join(config.dataDir, 'api-keys.json'));
}

/** The same, as the command line sees them. */
export async function openKeys(config: Config): Promise<Keys> {
  const [file, { parseRateLimit }] = await Promise.all([openKeyFile(config), import('../access/api-key.ts')]);
  return {
    path: file.path,
    list: file.list,
    revoke: file.revoke,
    add: ({ readOnly, rate, expiresAt, ...key }) =>
      file.add({
        ...key,
        read_only: readOnly,
        rate_limit: rate === undefined ? undefined : parseRateLimit(rate),
        expires_at: expiresAt,
      }),
  };
}
