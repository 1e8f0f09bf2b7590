import { PackError } from '../../contract/errors.ts';
import { parseExact } from '../../contract/exact-json.ts';
import { DEEPEST_JSON, isTooDeep } from './json-depth.ts';

/** A line of an import, or what is wrong with it, which ends the reading. */
export interface ParsedLine {
  /** From 1. */
  number: number;
  /** As it was written, without a byte order mark. */
  text: string;
  line?: Record<string, unknown>;
  fault?: PackError;
}

type Part = Required<Pick<ParsedLine, 'text' | 'line'>>;

/** What is wrong with a line says nothing against the lines before it. */
const LINE_FAULTS: ReadonlySet<string> = new Set(['INVALID_INPUT', 'PAYLOAD_TOO_LARGE']);

/** So many lines are handed on together: a wait for each would be felt. Fewer where they are long, as all of them are held. */
const AT_ONCE = 100;
const MAX_CHARS = 1024 * 1024;

/** Reads lines as JSON objects, without those that are empty, up to the first that is none or cannot be read. */
export async function* parsedLines(lines: AsyncIterable<string>): AsyncGenerator<ParsedLine[]> {
  let number = 0;
  let parsed: ParsedLine[] = [];
  let chars = 0;
  try {
    for await (const read of lines) {
      number += 1;
      // Editors of Windows put a byte order mark before the first line.
      const text = number === 1 ? read.replace(/^\ufeff/, '') : read;
      if (isEmpty(text)) parsed.push({ number, text });
      else parseLine(text, number, parsed);
      chars += text.length;
      if (parsed.length < AT_ONCE && chars < MAX_CHARS) continue;
      yield parsed;
      parsed = [];
      chars = 0;
    }
  } catch (error) {
    if (!(error instanceof PackError) || !LINE_FAULTS.has(error.code)) {
      if (parsed.length > 0) yield parsed;
      throw error;
    }
    parsed.push({ number, text: '', fault: error });
  }
  if (parsed.length > 0) yield parsed;
}

function isEmpty(text: string): boolean {
  return text.charCodeAt(0) !== 0x7b && text.trim() === '';
}

/** Adds one line as a JSON object, or as those that were joined in it; throws INVALID_INPUT with its number. */
function parseLine(text: string, number: number, to: ParsedLine[]): void {
  if (isTooDeep(text))
    throw atLine(
      number,
      `line ${number} nests objects and lists more than ${DEEPEST_JSON} deep; give the value as text`,
    );
  const line = asObject(text);
  if (line) {
    to.push({ number, text, line });
    return;
  }
  const parts = joinedParts(text);
  if (parts.length === 0) throw atLine(number, `line ${number} is no JSON object; each line must be one`);
  for (const part of parts) to.push({ number, ...part });
}

function asObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseRecord(text);
    if (isRecord(value)) return value;
  } catch {
    // Told by the caller.
  }
  return undefined;
}

/** What is not text only comes as `value`: of the rest JSON's own reader changes nothing that is stored. */
function parseRecord(text: string): unknown {
  const record: unknown = JSON.parse(text);
  return isRecord(record) && typeof record.value === 'string' ? record : parseExact(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * An export that has no line break at its end, joined with another: its last line, and the other's header. The first of them is
 * left out where it was cut: the other goes on after the last whole one.
 */
function joinedParts(text: string): Part[] {
  const at = text.lastIndexOf('{"kvflow_export":');
  const header = at > 0 ? asObject(text.slice(at)) : undefined;
  if (!header) return [];
  const before = text.slice(0, at);
  const line = asObject(before);
  return [...(line ? [{ text: before, line }] : []), { text: text.slice(at), line: header }];
}

function atLine(line: number, message: string): PackError {
  return new PackError('INVALID_INPUT', message, { errors: [{ pointer: '', message }], details: { line } });
}
