import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PackError } from '../../contract/errors.ts';
import { isOfTexts, parseExact, parseInput } from '../../contract/exact-json.ts';
import { freeBytes } from '../core/free-bytes.ts';
import { DEEPEST_JSON, isTooDeep } from '../core/json-depth.ts';
import { findJsonFault } from './json-fault.ts';
import { bodyText, JSON_TYPES } from './media-types.ts';
import { hasRoomForAny, weighJson } from './memory/bodies.ts';
import type { ByteBudget } from './memory/byte-budget.ts';

/**
 * Takes JSON bodies, in any charset that their Content-Type names, and nothing else. Only well-formedness is checked here; invoke validates. Names such as `__proto__` are
 * data like any other: JSON.parse makes own properties of them, and values are stored as they come.
 */
export function acceptJson(app: FastifyInstance, budget: ByteBudget): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, parseBody(request, body as Buffer, budget));
    } catch (error) {
      done(error as Error);
    } finally {
      freeBytes(body as Buffer);
    }
  });
}

/** Nearly every body is: the decoder of the others is slower. */
function isPlainUtf8({ 'content-type': type, 'content-encoding': packed }: IncomingHttpHeaders): boolean {
  return packed === undefined && (type === 'application/json' || !/charset/i.test(type ?? ''));
}

/** What is in a body is counted before it is read, unless there is room for whatever it may be: texts alone need not be counted. */
function parseBody(request: FastifyRequest, body: Buffer, budget: ByteBudget): unknown {
  if (body.length === 0) return undefined;
  const { lease } = request;
  const countFirst = !hasRoomForAny(budget, body);
  if (countFirst) weighJson(budget, body, lease);
  const text =
    isPlainUtf8(request.headers) && isUtf8(body) ? body.toString('utf8') : bodyText(body, request.headers);
  if (text === undefined) throw notText();
  const value = parse(text, readerFor(request.headers));
  if (isOfTexts(value)) return value;
  if (!countFirst) weighJson(budget, body, lease);
  if (isTooDeep(text)) throw tooDeep();
  return value;
}

/** By its tokens, escapes among them, a call is recognized that is repeated with its Idempotency-Key. */
function readerFor(headers: IncomingHttpHeaders): typeof parseExact {
  return headers['idempotency-key'] === undefined ? parseInput : parseExact;
}

function parse(text: string, read: typeof parseExact): unknown {
  try {
    return read(text);
  } catch {
    // Some editors and shells put a byte order mark first.
    if (text.startsWith('\ufeff')) return parse(text.slice(1), read);
    throw notJson(text);
  }
}

function notJson(text: string): PackError {
  const { line, column, found } = findJsonFault(text);
  const message = `The body is not valid JSON: line ${line}, column ${column} has ${found}.`;
  return new PackError('INVALID_INPUT', message, {
    details: { line, column },
    errors: [{ pointer: '', message }],
  });
}

function notText(): PackError {
  return bodyFault(
    'The body is not UTF-8 text, nor text of the charset that content-type names: store bytes with "encoding": "base64".',
  );
}

function tooDeep(): PackError {
  return bodyFault(
    `The body nests objects and arrays more than ${DEEPEST_JSON} deep; send the inner part as text.`,
  );
}

function bodyFault(message: string): PackError {
  return new PackError('INVALID_INPUT', message, { errors: [{ pointer: '', message }] });
}
