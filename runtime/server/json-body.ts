import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PackError } from '../core/errors.ts';
import { findJsonFault } from './json-fault.ts';

/** Deeper bodies are refused: code that walks a value by recursion would run out of stack. */
const DEEPEST = 500;

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
  if (body.length > DEEPEST && isTooDeep(text)) throw tooDeep();
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some editors and shells put a byte order mark first.
    if (text.startsWith('\ufeff')) return parse(text.slice(1));
    throw notJson(text);
  }
}

/** Of text that is JSON: whether brackets nest too deeply. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) at = endOfString(text, at);
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > DEEPEST) return true;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
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
    `The body nests objects and arrays more than ${DEEPEST} deep; send the inner part as text.`,
  );
}

function bodyFault(message: string): PackError {
  return new PackError('INVALID_INPUT', message, { errors: [{ pointer: '', message }] });
}
