import { PackError } from '../../../contract/errors.ts';
import type { Bind } from './pool.ts';

/** Of a statement's own text, names of columns and what JSON escapes add. */
const MARGIN = 64 * 1024;
/** Placeholders a prepared statement can have. */
const MAX_BINDS = 65_535;

/**
 * Rows in parts that one statement can carry: one part, unless they are very long. Throws WAREHOUSE_ERROR with
 * `details.rows` where a single row is longer than `max_allowed_packet`.
 */
export function splitRows<Row extends readonly Bind[]>(rows: readonly Row[], maxPacket: number): Row[][] {
  const most = maxPacket - MARGIN;
  const width = Math.max(rows[0]?.length ?? 1, 1);
  const parts: Row[][] = [];
  let part: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = sizeOf(row);
    if (size > most) throw tooLong(size, maxPacket);
    if (part.length > 0 && (bytes + size > most || (part.length + 1) * width > MAX_BINDS)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** Of JSON at most: a control character becomes six bytes. Few texts have one, so they are counted. */
function sizeOf(row: readonly Bind[]): number {
  let bytes = 0;
  for (const value of row) {
    bytes += 16;
    if (typeof value === 'string') bytes += value.length < 256 ? value.length * 6 : lengthOf(value);
  }
  return bytes;
}

function lengthOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

function tooLong(size: number, maxPacket: number): PackError {
  return new PackError(
    'WAREHOUSE_ERROR',
    `mysql: a row has about ${size} bytes and the server takes ${maxPacket}: raise max_allowed_packet`,
    { details: { rows: true } },
  );
}
