import type { SandboxLimits, ScriptFault } from '../types.ts';
import { isJsonObject } from './is-json-object.ts';
import type { Codes } from './json-scan.ts';
import { compactObjects } from './json-scan.ts';

/** What came of a block, checked. */
export interface BlockRecord {
  /** The JSON of the events that it became, each on a line of its own that a line break ends. */
  text: string;
  /** How many events each of its events became; undefined: each became one. */
  counts: number[] | undefined;
}

/** How a block's record is to be read. */
export interface BlockOptions {
  limits: SandboxLimits;
  /** Events of the block. */
  size: number;
  /** No text of its frame has a control character but line breaks. */
  isPlain: boolean;
  /** The bytes that its text is at the end of, where each is a character. */
  bytes?: Buffer | undefined;
  /** Asked before anything is made of the result; a fault where its call may not have so much. */
  spend(bytes: number): ScriptFault | undefined;
}

interface Lines extends Pick<BlockOptions, 'isPlain'> {
  text: string;
  codes: Codes | undefined;
}

const DONE = 4;
const SPLIT = 5;

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
  const { limits, size, isPlain, bytes, spend } = options;
  const [, status, texts, counts] = item as unknown[];
  if (status === SPLIT) return texts === 1 ? 'never' : 'split';
  if (!Array.isArray(texts) || texts.length > 1 || !isCounts(counts, size, limits.eventsOut))
    return undefined;
  const text: unknown = texts[0] ?? '';
  if (typeof text !== 'string') return undefined;
  const fault = text === '' ? undefined : spend(2 * text.length);
  if (fault) return fault;
  const wanted = counts.length === 0 ? size : counts.reduce((sum, count) => sum + count, 0);
  const codes = bytes?.subarray(bytes.length - text.length);
  if (objectLines({ text, codes, isPlain }) !== wanted) return undefined;
  return { text, counts: counts.length === 0 ? undefined : counts };
}

function isCounts(counts: unknown, size: number, most: number): counts is number[] {
  if (!Array.isArray(counts) || (counts.length !== 0 && counts.length !== size)) return false;
  return counts.every(count => Number.isSafeInteger(count) && count >= 0 && count <= most);
}

/** How many lines of an object each a text consists of; -1 where one of them is something else. */
function objectLines({ text, codes, isPlain }: Lines): number {
  const isCompact = compactObjects(text, codes);
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    const end = text.indexOf('\n', at);
    if (end < 0) return -1;
    if (!(isPlain && isCompact(at, end)) && !isObject(text.slice(at, end))) return -1;
    at = end + 1;
  }
  return count;
}

/** Parsing is slower, and takes whatever is JSON. */
function isObject(line: string): boolean {
  return !line.includes('\r') && isJsonObject(line);
}
