import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../core/access.ts';
import type { Principal } from '../core/principal.ts';
import { forbidden } from '../core/principal.ts';

/** Lets pages of other origins call (Fetch standard, "HTTP extensions"): none unless a setting or a key names them. */
export interface Cors {
  /** Says to a browser that the origin may read the answer; true: it was a preflight, and is answered. */
  begin(request: FastifyRequest, reply: FastifyReply): boolean;
  /** Once the caller is known: takes that back where it was for another key. Throws FORBIDDEN for a key that is for other origins. */
  admit(request: FastifyRequest, reply: FastifyReply): void;
}

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, x-kvflow-by, x-timeout-ms, if-match, if-none-match, if-range, range, kvflow-ttl, last-event-id, traceparent, tracestate, mcp-protocol-version, mcp-session-id',
  'access-control-max-age': '600',
};
const EXPOSED =
  'x-invocation-id, idempotency-replayed, retry-after, etag, last-modified, content-range, accept-ranges, kvflow-ttl, kvflow-expires, traceparent, allow';

/** Makes the rules of one server; `origins` are those of the setting, for every key that names none. */
export function createCors(origins: readonly string[], access: Authenticator): Cors {
  const everybody = origins.includes('*');
  const bySetting = (origin: string) => everybody || origins.includes(origin);
  return { begin, admit };

  function begin({ headers, method, id }: FastifyRequest, reply: FastifyReply): boolean {
    const ofKeys = access.origins?.() ?? [];
    if (origins.length === 0 && ofKeys.length === 0) return false;
    reply.header('vary', 'origin');
    const { origin } = headers;
    if (origin === undefined || !(bySetting(origin) || ofKeys.includes(origin))) return false;
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED });
    // A preflight carries no key: it is judged by what any key may.
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
    reply.code(204).headers(PREFLIGHT).header('x-invocation-id', id).send();
    return true;
  }

  function admit(request: FastifyRequest, reply: FastifyReply): void {
    const { headers, principal } = request;
    const { origin } = headers;
    if (origin === undefined) return;
    const { origins: own = [] } = principal;
    if (!own.includes(origin) && (own.length > 0 || !bySetting(origin)))
      reply.removeHeader('access-control-allow-origin');
    requireOrigin(principal, request);
  }
}

/** A key that is for pages of some origins is refused to those of all others: throws FORBIDDEN. */
function requireOrigin(
  { name, origins = [] }: Principal,
  { headers: { origin, host } }: Pick<FastifyRequest, 'headers'>,
): void {
  if (origin === undefined || origins.length === 0 || origins.includes(origin) || isOwn(origin, host)) return;
  throw forbidden(`API key "${name}" may not be used by pages of ${origin}.`, { allowed_origins: origins });
}

/** A page that this server served itself. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && [`http://${host}`, `https://${host}`].includes(origin);
}
