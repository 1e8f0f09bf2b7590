import type { FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import type { KvKeyGetOutput } from '../../../contract/types.gen.ts';
import { failure } from '../../core/envelope.ts';
import { sendEnvelope } from '../answer.ts';
import { readRange } from './byte-range.ts';
import type { Conditions } from './entity-tags.ts';
import { entityTag, matchesStrongly, matchesWeakly } from './entity-tags.ts';
import { itemHeaders } from './item-headers.ts';
import { preconditionFailed } from './preconditions.ts';

/** What is asked for, and under which conditions. */
export interface AskedValue {
  item: KvKeyGetOutput;
  conditions: Conditions;
}

/** Answers a value as its bytes: whole (200), a part (206, 416), not again (304), or not at all (412); RFC 9110, section 13.2.2. */
export function sendValue(request: FastifyRequest, reply: FastifyReply, asked: AskedValue): FastifyReply {
  const { item, conditions } = asked;
  const { match, noneMatch } = conditions;
  if (match && !matchesStrongly(match, item.revision)) {
    sendEnvelope(reply, failure(preconditionFailed(item.revision)));
    return reply;
  }
  const bytes = Buffer.from(item.value as string, item.encoding ?? 'utf8');
  reply.headers({ ...itemHeaders(item), 'content-type': typeOf(item) });
  if (noneMatch && matchesWeakly(noneMatch, item.revision)) return reply.code(304).send();
  const range = mayBePart(request, item) ? readRange(request.headers.range, bytes.length) : undefined;
  if (range === 'unsatisfiable') return sendNoSuchRange(reply, bytes.length);
  if (!range) return reply.send(bytes);
  const { first, last } = range;
  reply.code(206).header('content-range', `bytes ${first}-${last}/${bytes.length}`);
  return reply.send(bytes.subarray(first, last + 1));
}

/** What was said when it was put; else what the bytes show. */
function typeOf({ content_type, encoding }: KvKeyGetOutput): string {
  return content_type ?? (encoding ? 'application/octet-stream' : 'text/plain; charset=utf-8');
}

/** A part is for GET alone, and by `If-Range` for those only whose other parts are of this revision. */
function mayBePart({ method, headers }: FastifyRequest, { revision }: KvKeyGetOutput): boolean {
  const condition = headers['if-range'];
  return method === 'GET' && (condition === undefined || condition === entityTag(revision));
}

function sendNoSuchRange(reply: FastifyReply, size: number): FastifyReply {
  const message = `The value has ${size} bytes, none of them in the range asked for.`;
  reply.header('content-range', `bytes */${size}`);
  sendEnvelope(reply, failure(new PackError('RANGE_NOT_SATISFIABLE', message, { details: { size } })));
  return reply;
}
