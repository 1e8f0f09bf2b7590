import { PackError } from '../../../contract/errors.ts';
import type { Engine } from '../engine.ts';
import { createPostgresEngine } from './engine.ts';
import type { PoolOptions } from './pool.ts';
import { createPool } from './pool.ts';
import type { Runner } from './session.ts';

/** A destination of the file, as far as this dialect needs it. */
export interface PostgresSettings {
  url?: string | undefined;
  schema?: string | undefined;
  poolSize?: number | undefined;
  /** Milliseconds that a statement waits for locks of others. Default: 5 s. */
  lockMs?: number | undefined;
}

/** A row that another transaction holds for longer costs its own visitor and nobody else. */
const LOCK_MS = 5_000;

/** PostgreSQL at a url. Connects on first use. */
export async function openPostgres(settings: PostgresSettings): Promise<Engine> {
  return createPostgresEngine({
    runner: poolAt(
      { lockMs: LOCK_MS, ...settings },
      /^postgres(ql)?:\/\//,
      'postgres://user:password@host:5432/database',
    ),
    schema: settings.schema,
  });
}

/** Connections to a destination's url. Throws WAREHOUSE_ERROR that shows what a url looks like, never the one given. */
export function poolAt({ url, poolSize, lockMs }: PostgresSettings, scheme: RegExp, example: string): Runner {
  if (url === undefined || !scheme.test(url) || !URL.canParse(url)) {
    throw new PackError('WAREHOUSE_ERROR', `the destination's url must be such as ${example}`);
  }
  const options: PoolOptions = { url: url.replace(scheme, 'postgres://'), size: poolSize, lockMs };
  return createPool(options);
}
