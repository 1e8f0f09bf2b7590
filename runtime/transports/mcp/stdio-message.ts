import { isUtf8 } from 'node:buffer';
import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';

/** Codes of JSON-RPC 2.0, section 5.1. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

/** What a line of standard input is: messages for the library, or the answer to what is none. */
export type Read = { message: string; call?: ExactCall } | { fault: string };

/** A call of a tool, whose arguments have every token as it was sent: the library's own reader changes some numbers. */
export interface ExactCall {
  id: string | number;
  arguments: object;
}

/**
 * Reads a line as JSON-RPC. The library drops what is no message without an answer, so that its sender waits for ever; here it
 * is answered with -32700 or -32600. The messages of a batch are taken one by one, and so are their answers.
 */
export function readMessages(line: Buffer): Read[] {
  if (!isUtf8(line)) return [refusal(PARSE_ERROR, 'Parse error: the line is not UTF-8 text')];
  const text = line.toString('utf8').trim();
  if (text === '') return [];
  let parsed: unknown;
  try {
    parsed = parseExact(text);
  } catch (error) {
    return [refusal(PARSE_ERROR, `Parse error: ${error instanceof Error ? error.message : error}`)];
  }
  if (!Array.isArray(parsed)) return [readOne(parsed, text)];
  if (parsed.length === 0) return [refusal(INVALID_REQUEST, 'Invalid request: the batch is empty')];
  return parsed.map(each => readOne(each, stringifyExact(each)));
}

/** The answer to a line that has more than `most` bytes. */
export function tooLong(most: number): string {
  return refusalOf(INVALID_REQUEST, `Invalid request: a message has more than ${most} bytes`);
}

function readOne(message: unknown, text: string): Read {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return refusal(INVALID_REQUEST, 'Invalid request: a message is an object');
  const { jsonrpc, id, method, params, result, error } = message as Record<string, unknown>;
  const said = isId(id) ? id : null;
  if (jsonrpc !== '2.0') return refusal(INVALID_REQUEST, 'Invalid request: jsonrpc must be "2.0"', said);
  if (id !== undefined && !isId(id))
    return refusal(INVALID_REQUEST, 'Invalid request: id must be text or a whole number up to 2^53 - 1');
  if (typeof method !== 'string' && result === undefined && error === undefined)
    return refusal(INVALID_REQUEST, 'Invalid request: method must be text', said);
  const given: unknown = method === 'tools/call' && Object(params).arguments;
  const isCall = id !== undefined && typeof given === 'object' && given !== null;
  return { message: `${text}\n`, ...(isCall && { call: { id, arguments: given } }) };
}

/** A larger number would be answered as another one. */
function isId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function refusal(code: number, message: string, id: string | number | null = null): Read {
  return { fault: refusalOf(code, message, id) };
}

function refusalOf(code: number, message: string, id: string | number | null = null): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })}\n`;
}
