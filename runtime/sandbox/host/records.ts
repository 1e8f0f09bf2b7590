import { ERRORS, type ErrorCode } from '../../../contract/errors.ts';
import type { ScriptFetchRequest } from '../../core/scripts.ts';
import type { SandboxLimits, ScriptFault } from '../types.ts';
import { parsedSize } from './budget.ts';
import { compactObjects } from './json-scan.ts';
import { MAX_DEPTH, parseFromWorker } from './worker-json.ts';

/** One event's record as a worker sent it, checked: a worker is never believed. */
export interface EventRecord {
  id: number;
  /** The JSON of the events it became, each one object on one line. */
  texts: string[];
  /** The same, parsed; empty where only the texts are asked for. */
  events: Record<string, unknown>[];
  fault: ScriptFault | undefined;
  /** Nothing could come of it: the script has no `return` and is no expression. */
  idle: boolean;
  /** Its call has used up what it may hold: nothing more of it is run. */
  over: boolean;
  logs: [level: string, message: string][];
  writes: [key: string, json: string | null, ttlMs: number][];
}

/** What a frame brought, not checked yet. */
export interface Output {
  records: unknown[];
  reads: unknown[];
  warnings: unknown[];
  fetches: unknown[];
}

/** How a record is to be read. */
export interface RecordOptions {
  limits: SandboxLimits;
  /** Events are wanted as text only. */
  asText: boolean;
  /** Asked before the result of an event is made; a fault where its call may not have so much. */
  spend(bytes: number): ScriptFault | undefined;
}

/** A `$kv` read a worker asks for. */
export interface KvRead {
  id: number;
  op: number;
  key: string;
}

const LEVELS = new Set(['log', 'trace', 'debug', 'info', 'warn', 'error']);
const CODES = new Set<string>([
  'INVALID_INPUT',
  'SCRIPT_ERROR',
  'SCRIPT_TIMEOUT',
  'SCRIPT_OUT_OF_MEMORY',
  'VALUE_TOO_LARGE',
  'NOT_A_NUMBER',
  'UNAVAILABLE',
  'BUCKET_FULL',
  'BUCKET_NOT_FOUND',
  'FORBIDDEN',
  'TIMEOUT',
  'UNSUPPORTED',
  'REVISION_CONFLICT',
]);
const MAX_KEY_BYTES = 1024;
const MAX_WARNING = 500;
const MAX_HEADERS = 100;
const MAX_TTL_MS = 31 * 86_400_000;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const NONE: unknown[] = [];
/** Events that became some others: one, and a block of them. */
const HAS_TEXTS = new Set<unknown>([0, 4]);

/**
 * The records and reads of an output frame: a line of JSON, then the texts of the events whose lengths it tells, which
 * take the place of the lengths. Undefined when it is no such frame.
 */
export function parseOutput(text: string): Output | undefined {
  const end = text.indexOf('\n');
  try {
    const head = parseFromWorker(text.slice(0, Math.max(0, end))) as Record<'r' | 'k' | 'w' | 'f', unknown>;
    const { r, k, w = NONE, f = NONE } = head;
    if (![r, k, w, f].every(Array.isArray)) return undefined;
    const lists = { records: r, reads: k, warnings: w, fetches: f } as Output;
    let at = end + 1;
    for (const record of lists.records) at = takeTexts(record, text, at);
    return at === text.length ? lists : undefined;
  } catch {
    return undefined;
  }
}

/** The line before a list; undefined when it is none. */
export function parseHead(line: string): unknown[] | undefined {
  try {
    const head = parseFromWorker(line);
    return Array.isArray(head) ? head : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the texts of a record in the place of their lengths; where the next begin. NaN when they are no lengths. */
function takeTexts(record: unknown, text: string, from: number): number {
  if (!Array.isArray(record) || !HAS_TEXTS.has(record[1]) || !Array.isArray(record[2])) return from;
  let at = from;
  const parts = record[2];
  for (let part = 0; part < parts.length; part++) {
    const start = at;
    at += Number.isSafeInteger(parts[part]) && parts[part] > 0 ? parts[part] : Number.NaN;
    parts[part] = text.slice(start, at);
  }
  return at;
}

/** The id a record or read claims to be about. */
export function idOf(item: unknown): number {
  return Array.isArray(item) && Number.isSafeInteger(item[0]) ? (item[0] as number) : -1;
}

/** Checks one record against the limits of its call; undefined when it is malformed. */
export function readRecord(item: unknown, options: RecordOptions): EventRecord | undefined {
  const { limits } = options;
  const [id, status, body, logs = NONE, writes = NONE] = item as unknown[];
  if (!Array.isArray(logs) || logs.length > limits.logLines + 1 || !logs.every(isLog)) return undefined;
  if (
    !Array.isArray(writes) ||
    writes.length > limits.kvOperations ||
    !writes.every(write => isWrite(write, limits))
  )
    return undefined;
  const record: EventRecord = {
    id: id as number,
    texts: [],
    events: [],
    fault: undefined,
    idle: status === 2,
    over: false,
    logs,
    writes,
  };
  if (status === 1) return { ...record, fault: readFault(body), writes: [] };
  if (status === 2 && Array.isArray(body) && body.length === 0) return record;
  if (status !== 0 || !Array.isArray(body) || body.length > limits.eventsOut) return undefined;
  const fault = body.length > 0 ? options.spend(sizeOf(body, options)) : undefined;
  if (fault) return { ...record, fault, over: true, writes: [] };
  record.texts = body;
  for (const text of body) {
    // Passed on as it is only after it was seen to be one object, on one line.
    if (options.asText && isCompactObject(Buffer.from(text))) continue;
    const event = readEvent(text);
    if (!event) return undefined;
    if (!options.asText) record.events.push(event);
  }
  return record;
}

function isCompactObject(bytes: Buffer): boolean {
  return compactObjects(bytes, MAX_DEPTH)(0) === bytes.length;
}

/** What is no text is found out later. */
function sizeOf(texts: readonly unknown[], { asText }: RecordOptions): number {
  let size = 0;
  for (const text of texts) if (typeof text === 'string') size += asText ? 2 * text.length : parsedSize(text);
  return size;
}

function readEvent(text: string): Record<string, unknown> | undefined {
  if (text.includes('\n') || text.includes('\r')) return undefined;
  try {
    const value = parseFromWorker(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Checks one fetch that a worker asks for; undefined when it is malformed. */
export function readFetch(item: unknown): { op: number; request: ScriptFetchRequest } | undefined {
  const [, op, json] = item as unknown[];
  if (!Number.isSafeInteger(op) || typeof json !== 'string') return undefined;
  try {
    const { url, method, headers, body, body64, redirect, ttlMs } = parseFromWorker(json) as Record<
      string,
      unknown
    >;
    const isText = (value: unknown): value is string => typeof value === 'string';
    const isPair = (pair: unknown): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every(isText);
    if (!isText(url) || !isText(method) || !METHODS.has(method)) return undefined;
    if (!Array.isArray(headers) || headers.length > MAX_HEADERS || !headers.every(isPair)) return undefined;
    return {
      op: op as number,
      request: {
        url,
        method,
        headers,
        ...(isText(body) && { body }),
        ...(isText(body64) && { body64 }),
        redirect: redirect === 'manual' || redirect === 'error' ? redirect : 'follow',
        ...(typeof ttlMs === 'number' && ttlMs >= 1 && { ttlMs: Math.min(MAX_TTL_MS, Math.floor(ttlMs)) }),
      },
    };
  } catch {
    return undefined;
  }
}

/** What a worker tells of a promise that was rejected with nobody to see it. */
export function readWarning(item: unknown): { id: number; text: string } | undefined {
  const id = idOf(item);
  const text = Array.isArray(item) ? (item[1] as unknown) : undefined;
  return id > 0 && typeof text === 'string' ? { id, text: text.slice(0, MAX_WARNING) } : undefined;
}

/** Checks one read; undefined when it is malformed. */
export function readKvRead(item: unknown): KvRead | undefined {
  const [id, op, key] = item as unknown[];
  if (
    typeof key !== 'string' ||
    key === '' ||
    Buffer.byteLength(key) > MAX_KEY_BYTES ||
    !Number.isSafeInteger(op)
  )
    return undefined;
  return { id: id as number, op: op as number, key };
}

function readFault(body: unknown): ScriptFault {
  const { code, message, stack, limit } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const text = (value: unknown, size: number): string =>
    typeof value === 'string' ? value.slice(0, size) : '';
  return {
    code: CODES.has(String(code)) && String(code) in ERRORS ? (code as ErrorCode) : 'SCRIPT_ERROR',
    message: text(message, 2000) || 'The script failed.',
    ...(typeof stack === 'string' && stack !== '' && { stack: text(stack, 4000) }),
    ...(typeof limit === 'string' && { limit: text(limit, 50) }),
  };
}

function isLog(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && LEVELS.has(item[0]) && typeof item[1] === 'string';
}

function isWrite(item: unknown, { kvValueBytes }: SandboxLimits): boolean {
  if (!Array.isArray(item)) return false;
  const [key, json, ttlMs] = item;
  const keyOk =
    typeof key === 'string' && key !== '' && key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES;
  return keyOk && (json === null || isJson(json, kvValueBytes)) && Number.isSafeInteger(ttlMs) && ttlMs >= 0;
}

/** A value may be of any depth, and so is bounded by its length alone. */
function isJson(text: unknown, most: number): boolean {
  if (typeof text !== 'string' || text.length > most) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
