import type { FastifyPluginAsync } from 'fastify';
import { createInvocations } from '../invocations.ts';
import type { ServerParts } from '../options.ts';
import { accessRoute } from './access.ts';
import { asyncApiRoute } from './async-api.ts';
import { backupRoutes } from './backup.ts';
import { batchRoute } from './batch.ts';
import { bulkRoutes } from './bulk.ts';
import { docsRoutes } from './docs.ts';
import { functionRoutes } from './functions.ts';
import { healthRoutes } from './health.ts';
import { homeRoute } from './home.ts';
import { invocationRoute } from './invocation.ts';
import { keyRoutes } from './keys.ts';
import { mcpRoute } from './mcp.ts';
import { metricsRoute } from './metrics.ts';
import { openApiRoute } from './openapi.ts';
import { recognitionRoute } from './recognition.ts';
import { schemaRoutes } from './schemas.ts';
import { ticketsRoute } from './tickets.ts';
import { watchRoute } from './watch.ts';
import { watchesRoute } from './watches.ts';

/** Every route of the server, one plugin per group. */
export function routeGroups(parts: ServerParts): FastifyPluginAsync[] {
  const invocations = createInvocations(parts);
  return [
    invocationRoute(parts, invocations),
    batchRoute(parts, invocations),
    watchRoute(parts),
    watchesRoute(parts),
    ticketsRoute(parts),
    bulkRoutes(parts, invocations),
    backupRoutes(parts),
    keyRoutes(parts, invocations),
    functionRoutes(parts),
    accessRoute(parts),
    openApiRoute(parts),
    asyncApiRoute(parts),
    schemaRoutes(),
    docsRoutes(),
    healthRoutes(parts),
    mcpRoute(parts, invocations),
    metricsRoute(parts),
    recognitionRoute(parts),
    ...(parts.homePage === false ? [] : [homeRoute()]),
  ];
}
