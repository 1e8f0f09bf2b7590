import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PackError } from '../../contract/errors.ts';
import { parseExact } from '../../contract/exact-json.ts';
import { DEEPEST_JSON, isTooDeep } from '../core/json-depth.ts';
import { findJsonFault } from './json-fault.ts';

/**
 * Takes JSON bodies and nothing else. Only well-formedness is checked here; invoke validates. Names such as `__proto__` are
 * data like any other: JSON.parse makes own properties of them, and values are stored as they come.
 */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, parseBody(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parseBody(request: FastifyRequest, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw notUtf8(request);
  const text = body.toString('utf8');
  const value = parse(text);
  if (isTooDeep(text)) throw tooDeep();
  return value;
}

function parse(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    // Some editors and shells put a byte order mark first.
    if (text.startsWith('\ufeff')) return parse(text.slice(1));
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

function notUtf8(request: FastifyRequest): PackError {
  const encoding = request.headers['content-encoding'];
  const why = encoding
    ? `it has content-encoding ${encoding}, send it uncompressed`
    : 'store bytes with "encoding": "base64"';
  return bodyFault(`The body is not UTF-8 text: ${why}.`);
}

function tooDeep(): PackError {
  return bodyFault(
    `The body nests objects and arrays more than ${DEEPEST_JSON} deep; send the inner part as text.`,
  );
}

function bodyFault(message: string): PackError {
  return new PackError('INVALID_INPUT', message, { errors: [{ pointer: '', message }] });
}
