import { isUtf8 } from 'node:buffer';
import { invalidField, PackError } from '../../contract/errors.ts';

/** Most bytes of one line: as many as the body of a call may have. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * The lines of a stream of bytes, one at a time, so that memory holds one line at most. Throws PAYLOAD_TOO_LARGE at a line of
 * more than `most` bytes, before its end is seen, and INVALID_INPUT at one that is no UTF-8, which would be read as other characters.
 */
export async function* boundedLines(
  chunks: AsyncIterable<Uint8Array>,
  most = MAX_LINE_BYTES,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let line = 1;
  const take = (): string => {
    const bytesOfLine = Buffer.concat(parts);
    if (!isUtf8(bytesOfLine)) throw noText(line);
    const text = bytesOfLine.toString('utf8');
    parts = [];
    bytes = 0;
    line += 1;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  };
  const keep = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes > most) throw tooLong(line, most);
    parts.push(part);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (bytes > 0) yield take();
}

function noText(line: number): PackError {
  return invalidField('', `line ${line} is not UTF-8 text; an export has such bytes as base64`);
}

function tooLong(line: number, most: number): PackError {
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    `Line ${line} has more than ${most} bytes, the longest line there may be. Mend it and import again with on_conflict skip.`,
    { details: { line, limit: most } },
  );
}
