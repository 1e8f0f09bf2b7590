import type { KvBucketImportInput } from '../../../../contract/types.gen.ts';
import type { ErrorBody, Fault } from '../../api/api-error.ts';
import { ApiError, toApiError } from '../../api/api-error.ts';
import { invoke } from '../../api/invoke.ts';
import { linesOf } from './lines.ts';
import type { ImportRecord } from './parse-line.ts';
import { parseLine } from './parse-line.ts';

/** A line that was not stored, and why. */
export interface FailedLine {
  line: number;
  key: string;
  code: string;
  message: string;
  /** The line itself, to be put right and imported again; undefined where too many were kept already, or it is not UTF-8. */
  text: string | undefined;
}

/** How an import goes. */
export interface ImportProgress {
  bytesRead: number;
  imported: number;
  skipped: number;
  expired: number;
  /** Of those imported, items that live for the bucket's whole ttl anew. */
  renewed: number;
  failed: number;
  /** The lines that failed, as many as are kept. */
  failedLines: FailedLine[];
  /** Waiting for NATS or kvflow to come back. */
  waiting: boolean;
}

/** Where to, and what about keys that exist. */
export interface ImportTarget {
  bucket: string;
  onConflict: NonNullable<KvBucketImportInput['on_conflict']>;
}

interface Item {
  line: number;
  text: string;
  record: ImportRecord;
}

const BATCH = 1_000;
/** Larger lines end a batch early; a request may have 16 MiB. */
const BATCH_CHARACTERS = 2_000_000;
const KEPT_LINES = 10_000;
const KEPT_CHARACTERS = 30_000_000;
const RETRY_MS = 2_000;
const TRIES = 60;

/**
 * Stores a file's lines in the bucket, a batch at a time, and tells after each. A line that is no record fails alone. What
 * fails as a whole, such as a bucket that is not there or a key that exists with `fail`, is thrown. A server that is away
 * is waited for, up to two minutes; with `fail` it is not, for what was stored already would be in the way.
 */
export async function importFile(
  file: Blob,
  target: ImportTarget,
  { onProgress, signal }: { onProgress(progress: ImportProgress): void; signal: AbortSignal },
): Promise<ImportProgress> {
  const progress: ImportProgress = {
    bytesRead: 0,
    imported: 0,
    skipped: 0,
    expired: 0,
    renewed: 0,
    failed: 0,
    failedLines: [],
    waiting: false,
  };
  let line = 0;
  let kept = 0;
  let batch: Item[] = [];
  let characters = 0;
  for await (const lines of linesOf(file, bytes => (progress.bytesRead = bytes))) {
    for (const one of lines) {
      line += 1;
      const read = parseLine(one);
      // Kept as text it would be imported the next time, as other characters.
      const text = one.readable ? one.text : undefined;
      if (read.kind === 'fault') fail({ line, text }, 'INVALID_INPUT', read.message);
      if (read.kind !== 'record') continue;
      batch.push({ line, text: one.text, record: read.record });
      characters += one.text.length;
      if (batch.length >= BATCH || characters >= BATCH_CHARACTERS) await flush();
    }
  }
  await flush();
  return progress;

  async function flush(): Promise<void> {
    signal.throwIfAborted();
    if (batch.length > 0) await store(batch);
    batch = [];
    characters = 0;
    onProgress({ ...progress });
  }

  /** Records that the server refuses are taken out, and the others sent again: a bad one does not cost its neighbours. */
  async function store(items: Item[]): Promise<void> {
    try {
      const done = await send(items);
      progress.imported += done.imported;
      progress.skipped += done.skipped;
      progress.expired += done.expired;
      progress.renewed += done.renewed;
      for (const { index, error } of done.failed) {
        const { code, message } = error as ErrorBody;
        fail(items[index], code, message);
      }
    } catch (error) {
      const refused = refusedBy(error);
      if (refused.size === 0) throw error;
      for (const [index, message] of refused) fail(items[index], 'INVALID_INPUT', message);
      const rest = items.filter((_, index) => !refused.has(index));
      if (rest.length > 0) await store(rest);
    }
  }

  async function send(items: Item[]) {
    const { bucket, onConflict } = target;
    const records = items.map(({ record }) => record) as KvBucketImportInput['records'];
    for (let tries = 1; ; tries++) {
      try {
        const done = await invoke(
          'kv-bucket-import',
          { bucket, records, on_conflict: onConflict },
          { signal },
        );
        progress.waiting = false;
        return done;
      } catch (error) {
        const passing = error instanceof ApiError && error.retryable && onConflict !== 'fail';
        if (!passing || signal.aborted || tries === TRIES) throw error;
        onProgress({ ...progress, waiting: true });
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
        signal.throwIfAborted();
      }
    }
  }

  function fail(
    item: { line: number; text: string | undefined; record?: ImportRecord } | undefined,
    code: string,
    message: string,
  ) {
    if (!item) return;
    progress.failed += 1;
    if (progress.failedLines.length >= KEPT_LINES) return;
    kept += item.text?.length ?? 0;
    const text = kept <= KEPT_CHARACTERS ? item.text : undefined;
    progress.failedLines.push({ line: item.line, key: item.record?.key ?? '', code, message, text });
  }
}

/** Records of an input that the server found wrong, by their position, with the first fault of each. */
function refusedBy(error: unknown): Map<number, string> {
  const refused = new Map<number, string>();
  for (const { pointer, message } of toApiError(error).errors as Fault[]) {
    const [, index, field = ''] = /^\/records\/(\d+)(.*)$/s.exec(pointer) ?? [];
    if (index !== undefined && !refused.has(Number(index)))
      refused.set(Number(index), `${field} ${message}`.trim());
  }
  return refused;
}
