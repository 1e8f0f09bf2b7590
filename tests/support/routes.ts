import type { FastifyInstance } from 'fastify';

/** A route as Fastify knows it, such as `/buckets/:bucket/keys/*`. */
export interface Route {
  method: string;
  path: string;
}

/** The routes of a server, filled as they are made: to be called before it listens. The router's own print merges wildcards. */
export function recordRoutes(app: FastifyInstance): Route[] {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, path: url });
  });
  return routes;
}
