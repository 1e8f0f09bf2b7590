import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyPluginAsync } from 'fastify';
import { PackError } from '../../../contract/errors.ts';

/** As they are in the repository, and in the package, whose code is one folder deeper. */
const FOLDER = ['../../../schemas', '../../../../schemas']
  .map(place => join(import.meta.dirname, place))
  .find(existsSync);
const NAME = /^[a-z0-9-]+(?:\/[a-z0-9-]+)?\.json$/;

/**
 * GET /schemas/{name}.json: the JSON Schema documents of the functions and what these refer to, at the paths of their `$id`, so
 * that references between them lead somewhere. They hold no data and need no key.
 */
export function schemaRoutes(): FastifyPluginAsync {
  return async app => {
    app.get<{ Params: { '*': string } }>('/schemas/*', { config: { open: true } }, async (request, reply) => {
      const text = await read(request.params['*']);
      if (text === undefined) throw noSchema(request.params['*']);
      reply.header('cache-control', 'no-cache').header('x-content-type-options', 'nosniff');
      return reply.header('content-type', 'application/schema+json; charset=utf-8').send(text);
    });
  };
}

async function read(name: string): Promise<string | undefined> {
  if (FOLDER === undefined || !NAME.test(name)) return undefined;
  return await readFile(join(FOLDER, name), 'utf8').catch(() => undefined);
}

function noSchema(name: string): PackError {
  return new PackError(
    'ROUTE_NOT_FOUND',
    `There is no schema ${name}. GET /functions lists the functions; each has /schemas/{name}.json.`,
  );
}
