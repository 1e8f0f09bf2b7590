import type { FastifyReply } from 'fastify';
import { keepText, stringifyExact } from '../../contract/exact-json.ts';
import type { Envelope, Success } from '../core/envelope.ts';
import { isFailure } from '../core/envelope.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers an envelope; the status line repeats its `status_code`. */
export function sendEnvelope(reply: FastifyReply, envelope: Envelope): void {
  reply.code(envelope.status_code);
  if (isFailure(envelope)) addRetryAfter(reply, envelope.error.details);
  sendJson(reply, stringifyExact(isFailure(envelope) ? envelope : withWholeTexts(envelope)));
}

/** Characters of a text that is worth to be copied. */
const LONG = 10_000;
const LINE_BREAK = 0x0a;

/**
 * V8 takes twice as long to write a long text that it keeps in parts, or as a part of another: those of an answer, such as what
 * came of many events, are made whole before.
 */
function withWholeTexts(envelope: Success): Success {
  const { data } = envelope;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return envelope;
  const long = Object.entries(data).filter(([, value]) => typeof value === 'string' && value.length > LONG);
  if (long.length === 0) return envelope;
  const whole = { ...data, ...Object.fromEntries(long.map(([name, value]) => [name, wholeText(value)])) };
  keepText(data, whole);
  return { ...envelope, data: whole };
}

function wholeText(text: string): string {
  const half = text.length >> 1;
  return [text.slice(0, half), text.slice(half)].join('');
}

/** Answers JSON text as it is: nothing is serialized by a schema. It ends its line, for who reads answers on a terminal. */
export function sendJson(reply: FastifyReply, text: string): void {
  reply.header('content-type', JSON_TYPE).send(text.length > LONG ? lineOf(text) : `${text}\n`);
}

/** The same as bytes: Node would copy a long text to put the line break behind it, and once more to put headers before it. */
function lineOf(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafeSlow(size + 1);
  bytes.write(text);
  bytes[size] = LINE_BREAK;
  return bytes;
}

/** `details.retry_after_ms` as the header that HTTP clients understand. */
function addRetryAfter(reply: FastifyReply, details: Record<string, unknown> | undefined): void {
  const wait = details?.retry_after_ms;
  if (typeof wait === 'number') reply.header('retry-after', Math.ceil(wait / 1_000));
}
