import type { ErrorBody } from '../../api/api-error.ts';
import { ApiError } from '../../api/api-error.ts';
import { request } from '../../api/request.ts';
import { keyRange } from '../../lib/key-range.ts';
import type { Sink } from './sink.ts';

/** How an export goes. */
export interface ExportProgress {
  records: number;
  bytes: number;
}

/** What is exported. */
export interface ExportRange {
  bucket: string;
  /** Key, pattern or search; empty: all. */
  filter: string;
}

const NEWLINE = 10;
/** The end line is short; so much of the stream's end is kept to read it. */
const TAIL = 4_096;
const TELL_MS = 100;

/** Streams a bucket into the sink; throws where it broke off, and then nothing is left of it. */
export async function exportBucket(
  { bucket, filter }: ExportRange,
  sink: Sink,
  { onProgress, signal }: { onProgress(progress: ExportProgress): void; signal: AbortSignal },
): Promise<ExportProgress> {
  const progress: ExportProgress = { records: 0, bytes: 0 };
  let toldAt = 0;
  let lines = 0;
  let tail = new Uint8Array(0);
  try {
    const query = new URLSearchParams({ ...keyRange(filter) });
    const { body } = await request(`/buckets/${encodeURIComponent(bucket)}/export?${query}`, { signal });
    if (!body) throw brokenOff('The answer has no body');
    for (const reader = body.getReader(); ; ) {
      const { value, done } = await reader.read();
      if (done) break;
      await sink.write(value);
      lines += count(value);
      tail = lastOf(tail, value);
      progress.bytes += value.length;
      // The first line is the bucket itself.
      progress.records = Math.max(0, lines - 1);
      if (Date.now() - toldAt < TELL_MS) continue;
      toldAt = Date.now();
      onProgress({ ...progress });
    }
    progress.records = recordsOf(tail);
    await sink.close();
    return progress;
  } catch (error) {
    await sink.abort().catch(() => undefined);
    throw error instanceof TypeError ? brokenOff('The connection was lost') : error;
  }
}

/** Every export ends with a line that says how many records it has; without it, it is cut. */
function recordsOf(tail: Uint8Array): number {
  const last = new TextDecoder().decode(tail).trimEnd().split('\n').at(-1) ?? '';
  let content: { end?: boolean; records?: number; error?: ErrorBody; status_code?: number };
  try {
    content = JSON.parse(last);
  } catch {
    throw brokenOff('The connection was lost');
  }
  if (content.error) throw new ApiError(content.error, { status: content.status_code ?? 500 });
  if (content.end !== true) throw brokenOff('The connection was lost');
  return content.records ?? 0;
}

function count(chunk: Uint8Array): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

function lastOf(before: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(before.length + chunk.length);
  joined.set(before);
  joined.set(chunk, before.length);
  return joined.slice(-TAIL);
}

function brokenOff(why: string): ApiError {
  const message = `${why} before the export was whole, so the file was not kept. Export it again.`;
  return new ApiError({ code: 'EXPORT_BROKE_OFF', message, retryable: true }, { status: 0 });
}
