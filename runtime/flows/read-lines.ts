import type { Readable } from 'node:stream';

/** Most characters that are kept of one line. */
const MAX = 64 * 1024;

/**
 * Hands out the lines of a stream, each cut after 64 Ki characters: whoever writes without an end costs its reader nothing.
 * Never throws; an error of the stream is its end.
 */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => undefined);
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    // What is over the bound is thrown away as it comes.
    rest = (lines.pop() ?? '').slice(0, MAX);
    for (const line of lines) if (line) onLine(line.slice(0, MAX));
  });
  stream.on('end', () => {
    if (rest) onLine(rest);
    rest = '';
  });
}
