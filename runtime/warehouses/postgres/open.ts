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
}

/** PostgreSQL at a url. Connects on first use. */
export async function openPostgres(settings: PostgresSettings): Promise<Engine> {
  return createPostgresEngine({
    runner: poolAt(settings, /^postgres(ql)?:\/\//, 'postgres://user:password@host:5432/database'),
    schema: settings.schema,
  });
}

/** Connections to a destination's url. Throws WAREHOUSE_ERROR that shows what a url looks like, never the one given. */
export function poolAt({ url, poolSize }: PostgresSettings, scheme: RegExp, example: string): Runner {
  if (url === undefined || !scheme.test(url) || !URL.canParse(url)) {
    throw new PackError('WAREHOUSE_ERROR', `the destination's url must be such as ${example}`);
  }
  const options: PoolOptions = { url: url.replace(scheme, 'postgres://'), size: poolSize };
  return createPool(options);
}
