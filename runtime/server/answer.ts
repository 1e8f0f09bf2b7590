import type { FastifyReply } from 'fastify';
import { stringifyExact } from '../../contract/exact-json.ts';
import type { Envelope } from '../core/envelope.ts';
import { isFailure } from '../core/envelope.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers an envelope; the status line repeats its `status_code`. */
export function sendEnvelope(reply: FastifyReply, envelope: Envelope): void {
  reply.code(envelope.status_code);
  if (isFailure(envelope)) addRetryAfter(reply, envelope.error.details);
  sendJson(reply, stringifyExact(envelope));
}

/** Answers JSON text as it is: nothing is serialized by a schema. It ends its line, for who reads answers on a terminal. */
export function sendJson(reply: FastifyReply, text: string): void {
  reply.header('content-type', JSON_TYPE).send(`${text}\n`);
}

/** `details.retry_after_ms` as the header that HTTP clients understand. */
function addRetryAfter(reply: FastifyReply, details: Record<string, unknown> | undefined): void {
  const wait = details?.retry_after_ms;
  if (typeof wait === 'number') reply.header('retry-after', Math.ceil(wait / 1_000));
}
