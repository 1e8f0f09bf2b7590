import { isUtf8 } from 'node:buffer';
import { isTooDeep } from '../../core/json-depth.ts';
import type { SandboxLimits, ScriptFault } from '../types.ts';
import { isJsonObject } from './is-json-object.ts';
import { compactObjects } from './json-scan.ts';
import { MAX_DEPTH } from './worker-json.ts';

/** What came of a block, checked. */
export interface BlockRecord {
  /** The JSON of the events that it became, each on a line of its own that a line break ends. */
  text: string;
  /** The same as bytes, where they are wanted and not the text, which is empty then. They are there until the record was taken. */
  bytes?: Buffer;
  /** How many events each of its events became; undefined: each became one. */
  counts: number[] | undefined;
}

/** How a block's record is to be read. */
export interface BlockOptions {
  limits: SandboxLimits;
  /** Of one with lines: the bytes that its text is at the end of, where each is a character. */
  bytes?: Buffer | undefined;
  /** The lines are wanted as bytes. */
  asBytes?: boolean;
  /** Events of the block. */
  size: number;
  /** Asked before the result is kept; a fault where its call may not have so much. */
  spend(bytes: number): ScriptFault | undefined;
}

const DONE = 4;
const SPLIT = 5;
const LINE_BREAK = 0x0a;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Whether a record is about a block. */
export function isAboutBlock(item: unknown): boolean {
  return Array.isArray(item) && (item[1] === DONE || item[1] === SPLIT);
}

/**
 * What the worker says of a block; `split`: its events are to be run one by one, `never`: those of all others, too. Undefined when it is no such record: each
 * line has to be one object, and there have to be as many as the counts say.
 */
export function readBlock(
  item: unknown,
  options: BlockOptions,
): BlockRecord | ScriptFault | 'split' | 'never' | undefined {
  const { limits, size, spend } = options;
  const [, status, texts, counts] = item as unknown[];
  if (status === SPLIT) return texts === 1 ? 'never' : 'split';
  if (!Array.isArray(texts) || texts.length > 1 || !isCounts(counts, size, limits.eventsOut))
    return undefined;
  const text: unknown = texts[0] ?? '';
  if (typeof text !== 'string') return undefined;
  const fault = text === '' ? undefined : spend(2 * text.length);
  if (fault) return fault;
  return objectLines(text, options.bytes) === wantedBy(counts, size) ? recordOf(text, counts) : undefined;
}

/**
 * The same of one that came as a list, in the bytes behind its head, which are changed: what is no list of objects is run one by
 * one, as there is no saying what is wrong with which of them. So is what is nested too deeply.
 */
export function readBlockList(
  counts: unknown,
  bytes: Buffer,
  { limits, size, spend, asBytes }: BlockOptions,
): BlockRecord | ScriptFault | 'split' | undefined {
  if (!isCounts(counts, size, limits.eventsOut)) return undefined;
  if (toLines(bytes) !== wantedBy(counts, size)) return 'split';
  if (asBytes) return isUtf8(bytes) ? (spend(bytes.length) ?? bytesOf(bytes.subarray(1), counts)) : 'split';
  // Only then is it known how many characters they are, which is what is held.
  const text = bytes.toString('utf8', 1);
  const fault = text === '' ? undefined : spend(2 * text.length);
  return fault ?? recordOf(text, counts);
}

function recordOf(text: string, counts: number[]): BlockRecord {
  return { text, counts: counts.length === 0 ? undefined : counts };
}

function bytesOf(bytes: Buffer, counts: number[]): BlockRecord {
  return { ...recordOf('', counts), bytes };
}

function wantedBy(counts: number[], size: number): number {
  return counts.length === 0 ? size : counts.reduce((sum, count) => sum + count, 0);
}

function isCounts(counts: unknown, size: number, most: number): counts is number[] {
  if (!Array.isArray(counts) || (counts.length !== 0 && counts.length !== size)) return false;
  return counts.every(count => Number.isSafeInteger(count) && count >= 0 && count <= most);
}

/** Puts line breaks where a list of objects has commas, and at its end; how many objects it has, -1 where it is no such list. */
function toLines(bytes: Buffer): number {
  if (bytes.length === 0) return 0;
  if (bytes[0] !== OPEN_LIST) return -1;
  const pastObject = compactObjects(bytes, MAX_DEPTH);
  for (let count = 1, at = 1; ; count++, at++) {
    at = pastObject(at);
    const isLast = at === bytes.length - 1;
    if (at < 0 || bytes[at] !== (isLast ? CLOSE_LIST : COMMA)) return -1;
    bytes[at] = LINE_BREAK;
    if (isLast) return count;
  }
}

/** How many lines of an object each a text consists of; -1 where one of them is something else. */
function objectLines(text: string, bytes: Buffer | undefined): number {
  const codes = bytes?.subarray(bytes.length - text.length) ?? Buffer.from(text);
  const pastObject = compactObjects(codes, MAX_DEPTH);
  let count = 0;
  for (let at = 0; at < codes.length; count++) {
    const end = codes.indexOf(LINE_BREAK, at);
    if (end < 0) return -1;
    if (pastObject(at) !== end && !isObject(codes.toString('utf8', at, end))) return -1;
    at = end + 1;
  }
  return count;
}

/** Parsing is slower, and takes whatever is JSON. */
function isObject(line: string): boolean {
  return !line.includes('\r') && !isTooDeep(line, MAX_DEPTH) && isJsonObject(line);
}
