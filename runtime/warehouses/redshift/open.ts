import type { Engine } from '../engine.ts';
import type { PostgresSettings } from '../postgres/open.ts';
import { poolAt } from '../postgres/open.ts';
import { createRedshiftEngine } from './engine.ts';

/** Redshift at a url, over PostgreSQL's driver. Connects on first use. */
export async function openRedshift(settings: PostgresSettings): Promise<Engine> {
  const example = 'redshift://user:password@cluster.region.redshift.amazonaws.com:5439/database';
  const runner = poolAt(settings, /^(redshift|postgres(ql)?):\/\//, example);
  return createRedshiftEngine({ runner, schema: settings.schema });
}
