import { parseExactNumbers } from '../../../../contract/exact-number.ts';
import { isObject } from '../../lib/is-object.ts';
import type { FileLine } from './lines.ts';

/** A value as a line has it; see kv-bucket-import. */
export interface ImportRecord {
  key: string;
  value: string | object;
  encoding?: string;
  ttl?: number;
  expires_at?: string;
}

/** The first line of an export. */
export interface ExportHeader {
  bucket: string;
  options: Record<string, unknown>;
  exported_at?: string;
}

/** What a line is. */
export type Line =
  | { kind: 'record'; record: ImportRecord }
  | { kind: 'header'; header: ExportHeader }
  | { kind: 'end' }
  | { kind: 'empty' }
  | { kind: 'fault'; message: string };

const KNOWN = new Set([
  'key',
  'value',
  'encoding',
  'content_type',
  'metadata',
  'by',
  'revision',
  'created_at',
  'ttl',
  'expires_at',
]);

/** Reads a line of an export, or of a file that somebody wrote. Numbers within a value keep their digits. */
export function parseLine({ text, readable }: FileLine): Line {
  if (!readable) return fault('is not UTF-8 text; an export has such bytes as base64');
  if (text.trim() === '') return { kind: 'empty' };
  const content = read(text);
  if (!isObject(content)) return fault('is no JSON object');
  if ('kvflow_export' in content) {
    const { bucket, options, exported_at } = content;
    return {
      kind: 'header',
      header: {
        bucket: typeof bucket === 'string' ? bucket : '',
        options: isObject(options) ? options : {},
        ...(typeof exported_at === 'string' && { exported_at }),
      },
    };
  }
  if (content.end === true && !('key' in content)) return { kind: 'end' };
  if ('error' in content && !('key' in content)) return fault('the export broke off here with an error');
  return record(content);
}

function record(content: Record<string, unknown>): Line {
  const { key, value, encoding, expires_at } = content;
  if (typeof key !== 'string' || key === '') return fault('has no "key", which is to be a text');
  if (typeof value !== 'string' && !isObject(value) && !Array.isArray(value))
    return fault('has no "value", which is to be a text, an object or a list');
  if (encoding !== undefined && encoding !== 'utf8' && encoding !== 'base64')
    return fault('"encoding" is neither utf8 nor base64');
  if (expires_at !== undefined && typeof expires_at !== 'string') return fault('"expires_at" is no time');
  const unknown = Object.keys(content).find(name => !KNOWN.has(name));
  if (unknown !== undefined) return fault(`"${unknown}" is not known`);
  return { kind: 'record', record: content as unknown as ImportRecord };
}

function read(text: string): unknown {
  try {
    return parseExactNumbers(text);
  } catch {
    return undefined;
  }
}

function fault(message: string): Line {
  return { kind: 'fault', message };
}
