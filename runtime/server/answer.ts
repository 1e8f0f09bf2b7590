import type { FastifyReply } from 'fastify';
import { stringifyExact } from '../../contract/exact-json.ts';
import type { Envelope } from '../core/envelope.ts';
import { isFailure } from '../core/envelope.ts';
import { answerBytes } from './memory/answer-bytes.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers an envelope; the status line repeats its `status_code`. */
export function sendEnvelope(reply: FastifyReply, envelope: Envelope): void {
  reply.code(envelope.status_code);
  if (isFailure(envelope)) addRetryAfter(reply, envelope.error.details);
  sendJson(reply, stringifyExact(envelope));
}

/** Characters of an answer that are worth to be made bytes here. */
const LONG = 10_000;
const LINE_BREAK = 0x0a;

/** Answers JSON text as it is: nothing is serialized by a schema. It ends its line, for who reads answers on a terminal. */
export function sendJson(reply: FastifyReply, text: string): void {
  reply.header('content-type', JSON_TYPE).send(text.length > LONG ? lineOf(reply, text) : `${text}\n`);
}

/** The same as bytes: Node would copy a long text to put the line break behind it, and once more to put headers before it. */
function lineOf({ raw }: FastifyReply, text: string): Buffer {
  const size = Buffer.byteLength(text);
  const bytes = answerBytes(size + 1, release => raw.once('close', release));
  const end = bytes.write(text);
  bytes[end] = LINE_BREAK;
  // Behind what was written there may be another's answer.
  return bytes.subarray(0, end + 1);
}

/** `details.retry_after_ms` as the header that HTTP clients understand. */
function addRetryAfter(reply: FastifyReply, details: Record<string, unknown> | undefined): void {
  const wait = details?.retry_after_ms;
  if (typeof wait === 'number') reply.header('retry-after', Math.ceil(wait / 1_000));
}
