import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { invalidField, PackError } from '../../../contract/errors.ts';
import type { KvKeyGetOutput, KvKeyPutOutput } from '../../../contract/types.gen.ts';
import { authorizeCall } from '../../core/admit.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, isFailure, success } from '../../core/envelope.ts';
import { readValue } from '../../core/values.ts';
import { sendEnvelope } from '../answer.ts';
import { readCallHeaders } from '../call-headers.ts';
import type { Caller, Invocations } from '../invocations.ts';
import { keyOfAddress } from '../keys/address.ts';
import { entityTag, readConditions } from '../keys/entity-tags.ts';
import { expiryHeaders, readTtl, TTL_HEADER } from '../keys/item-headers.ts';
import { preconditionFailed, writeUnder } from '../keys/preconditions.ts';
import { sendValue } from '../keys/send-value.ts';
import { requireUnpacked } from '../media-types.ts';
import { onceSent } from '../memory/once-sent.ts';
import type { ServerParts } from '../options.ts';
import { refuseUnknown, wholeNumber } from '../query.ts';

interface Route {
  Params: { bucket: string };
  Querystring: Record<string, string>;
}

/** The item that a request's address names. */
interface Place {
  bucket: string;
  key: string;
}

const PATH = '/buckets/:bucket/keys/*';
const GET = 'kv-key-get';
const PUT = 'kv-key-put';
const DELETE = 'kv-key-delete';

/**
 * GET, HEAD, PUT and DELETE of `/buckets/{bucket}/keys/{key}`: an item at an address of its own, its value as bare bytes, its
 * revision as ETag. Each request is a call of kv-key-get, kv-key-put or kv-key-delete, with that function's rights; a write's
 * rights are checked before its body is read.
 */
export function keyRoutes(
  { access, registry }: Pick<ServerParts, 'access' | 'registry'>,
  invocations: Invocations,
): FastifyPluginAsync {
  return async app => {
    // Whatever the bytes are called, they are stored as they come.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    // Never compressed: ETag and Range are those of the bytes.
    app.get<Route>(PATH, { onRequest: admitted(GET), compress: false }, get);
    app.put<Route>(PATH, { onRequest: admitted(PUT) }, put);
    app.delete<Route>(PATH, { onRequest: admitted(DELETE) }, remove);
  };

  function admitted(name: string) {
    return async (request: FastifyRequest<Route>): Promise<void> => {
      await access.spend(request.principal, 1);
      authorizeCall(registry.get(name), placeOf(request), request.principal);
    };
  }

  async function get(request: FastifyRequest<Route>, reply: FastifyReply): Promise<FastifyReply> {
    const { revision, consistency, ...unknown } = request.query;
    refuseUnknown(unknown, 'revision, consistency');
    const conditions = readConditions(request.headers);
    const input = {
      ...placeOf(request),
      ...(revision !== undefined && { revision: wholeNumber(revision) }),
      ...(consistency !== undefined && { consistency }),
    };
    const answer = await invocations.run(GET, input, { ...callerOf(request), held: onceSent(reply) });
    if (!isFailure(answer))
      return sendValue(request, reply, { item: answer.data as KvKeyGetOutput, conditions });
    const missing = conditions.match && answer.error.code === 'KEY_NOT_FOUND';
    sendEnvelope(reply, missing ? failure(preconditionFailed(undefined)) : answer);
    return reply;
  }

  async function put(request: FastifyRequest<Route>, reply: FastifyReply): Promise<FastifyReply> {
    refuseUnknown(request.query, 'none');
    refuseEncoded(request);
    const ttl = readTtl(request.headers[TTL_HEADER]);
    const contentType = request.headers['content-type'];
    const item = {
      ...placeOf(request),
      ...readValue((request.body as Buffer | null | undefined) ?? Buffer.alloc(0)),
      ...(ttl !== undefined && { ttl }),
      ...(contentType !== undefined && { content_type: contentType }),
    };
    const answer = await write(request, PUT, item);
    if (!isFailure(answer)) {
      const { revision, expires_at } = answer.data as KvKeyPutOutput;
      reply.headers({ etag: entityTag(revision), ...expiryHeaders(expires_at) });
    }
    sendEnvelope(reply, answer);
    return reply;
  }

  async function remove(request: FastifyRequest<Route>, reply: FastifyReply): Promise<FastifyReply> {
    refuseUnknown(request.query, 'none');
    sendEnvelope(reply, await write(request, DELETE, placeOf(request)));
    return reply;
  }

  async function write(request: FastifyRequest<Route>, name: string, input: Place): Promise<Envelope> {
    const caller = callerOf(request);
    return await writeUnder({
      conditions: readConditions(request.headers),
      current: () => currentRevision(request, caller),
      write: async expected => {
        if (name === DELETE && expected === 0) return await nothingDeleted(request, caller);
        const condition = expected === undefined ? {} : { expected_revision: expected };
        return await invocations.run(name, { ...input, ...condition }, caller);
      },
    });
  }

  /** A delete of what is not to be there: there is nothing to do, or the condition does not hold. */
  async function nothingDeleted(request: FastifyRequest<Route>, caller: Caller): Promise<Envelope> {
    const found = await currentRevision(request, caller);
    return found === undefined
      ? success({ ...placeOf(request), deleted: false })
      : failure(preconditionFailed(found));
  }

  /** Undefined where there is no item. A condition that asks of what is there needs the right to read it. */
  async function currentRevision(
    request: FastifyRequest<Route>,
    caller: Caller,
  ): Promise<number | undefined> {
    const found = await invocations.run(GET, placeOf(request), caller);
    if (!isFailure(found)) return (found.data as KvKeyGetOutput).revision;
    const { code, message, ...rest } = found.error;
    if (code === 'KEY_NOT_FOUND') return undefined;
    throw new PackError(code, message, rest);
  }
}

function placeOf({ params, raw }: FastifyRequest<Route>): Place {
  return { bucket: params.bucket, key: keyOfAddress(raw.url ?? '') };
}

function callerOf({ principal, id, headers }: FastifyRequest<Route>): Caller {
  const { timeoutMs, by } = readCallHeaders(headers);
  return { principal, invocationId: id, by, ...(timeoutMs !== undefined && { timeoutMs }) };
}

/** Bytes are kept as they come, and nothing would tell a reader that these are packed, or a part only (RFC 9110, 14.4). */
function refuseEncoded({ headers }: FastifyRequest): void {
  requireUnpacked(headers);
  if (headers['content-range'] !== undefined)
    throw invalidField('', 'A value is put as a whole; leave the header Content-Range out.');
}
