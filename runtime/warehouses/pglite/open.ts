import type { Engine } from '../engine.ts';
import { createPostgresEngine } from '../postgres/engine.ts';
import type { PgliteOptions } from './runner.ts';
import { createPgliteRunner } from './runner.ts';

/** The embedded warehouse. Opens its folder on first use. */
export async function openPglite(options: PgliteOptions & { schema?: string | undefined }): Promise<Engine> {
  return createPostgresEngine({ runner: createPgliteRunner(options), schema: options.schema });
}
