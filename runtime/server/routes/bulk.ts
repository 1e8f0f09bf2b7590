import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { invalidField } from '../../../contract/errors.ts';
import { authorizeCall } from '../../core/admit.ts';
import { boundedLines } from '../../core/bounded-lines.ts';
import type { CallFunction } from '../../core/bulk-call.ts';
import { exportLines } from '../../core/bulk-export.ts';
import { importLines } from '../../core/bulk-import.ts';
import { failure, success, toPackError } from '../../core/envelope.ts';
import { sendEnvelope } from '../answer.ts';
import { bodyBytes } from '../body-bytes.ts';
import { readCallHeaders } from '../call-headers.ts';
import { dropRest } from '../drop-rest.ts';
import { currentPrincipal } from '../guard.ts';
import type { Invocations } from '../invocations.ts';
import { requireUnpacked, requireUtf8, unsupportedMedia } from '../media-types.ts';
import { reserveStream, STREAM_BYTES, weighedLines } from '../memory/streams.ts';
import type { ServerParts } from '../options.ts';
import { refuseUnknown } from '../query.ts';

interface Route {
  Params: { bucket: string };
  Querystring: Record<string, string>;
}

const NDJSON = 'application/x-ndjson';
const NDJSON_TYPE = /^application\/x-ndjson\s*(?:;|$)/i;

/** GET /buckets/{bucket}/export and POST /buckets/{bucket}/import: whole buckets as NDJSON, in constant memory. */
export function bulkRoutes(
  { access, budget, registry }: Pick<ServerParts, 'access' | 'budget' | 'registry'>,
  invocations: Invocations,
): FastifyPluginAsync {
  return async app => {
    // The body is read line by line by the handler, however long it is.
    app.addContentTypeParser(NDJSON, (_request, payload, done) => done(null, payload));

    app.get<Route>('/buckets/:bucket/export', async (request, reply) => {
      await access.spend(request.principal, 1);
      const { filter, query, after, history, ...unknown } = request.query;
      refuseUnknown(unknown, 'filter, query, after, history');
      const range = {
        bucket: request.params.bucket,
        ...(filter !== undefined && { filter }),
        ...(query !== undefined && { query }),
        ...(after !== undefined && { after: toSequence(after) }),
        history: toSwitch('history', history),
      };
      reserveStream(budget, reply, STREAM_BYTES.export);
      const chunks = exportLines(callerOf(request, access, invocations), range);
      // The first page decides whether this is an answer or an error.
      const first = await chunks.next();
      reply.header('content-type', NDJSON);
      return reply.send(Readable.from(textOf(first.done ? undefined : first.value.text, chunks)));
    });

    app.post<Route>(
      '/buckets/:bucket/import',
      { bodyLimit: Number.MAX_SAFE_INTEGER, config: { streamed: true }, onRequest: requireLines },
      async (request, reply) => {
        await access.spend(request.principal, 1);
        const { on_conflict, create, ...unknown } = request.query;
        refuseUnknown(unknown, 'on_conflict, create');
        const { bucket } = request.params;
        authorizeCall(registry.get('kv-bucket-import'), { bucket }, request.principal);
        reserveStream(budget, reply, STREAM_BYTES.import);
        const lines = weighedLines(budget, boundedLines(bodyBytes(request.body as Readable)));
        const target = {
          bucket,
          create: toSwitch('create', create),
          ...(on_conflict !== undefined && { on_conflict: on_conflict as 'skip' }),
        };
        try {
          sendEnvelope(
            reply,
            success(await importLines(callerOf(request, access, invocations), lines, target)),
          );
        } catch (error) {
          dropRest(request.raw);
          throw error;
        }
        return reply;
      },
    );
  };
}

/** Before the body is read: as another type it would be read as a whole, however long it is. */
async function requireLines({ headers }: FastifyRequest): Promise<void> {
  if (!NDJSON_TYPE.test(headers['content-type'] ?? ''))
    throw unsupportedMedia(`An import takes content-type: ${NDJSON}.`);
  requireUnpacked(headers);
  requireUtf8(headers);
}

/** Each page is a call of its own, by whoever the caller is then: authorized, validated, logged and counted as any. */
function callerOf(
  request: FastifyRequest,
  access: ServerParts['access'],
  invocations: Invocations,
): CallFunction {
  const { by } = readCallHeaders(request.headers);
  return async (name, input) => {
    const principal = currentPrincipal(request, access)();
    return await invocations.run(name, input, { principal, invocationId: request.id, by });
  };
}

/** What fails after the answer has begun is told in its last line, in place of the end line. */
async function* textOf(first: string | undefined, rest: ReturnType<typeof exportLines>) {
  if (first !== undefined) yield first;
  try {
    for await (const { text } of rest) yield text;
  } catch (error) {
    yield `${JSON.stringify(failure(toPackError(error)))}\n`;
  }
}

function toSequence(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw invalidField('/after', 'must be a sequence number, such as `next` of an export that broke off');
}

function toSwitch(name: string, text = 'false'): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalidField(`/${name}`, 'must be true or false');
}
