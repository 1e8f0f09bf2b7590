/** Lines of JSON (NDJSON) into a bucket, a batch at a time: constant memory whatever the size. */
import { PackError } from '../../contract/errors.ts';
import type { ExportedRecord, KvBucketImportInput, KvBucketImportOutput } from '../../contract/types.gen.ts';
import type { CallFunction } from './bulk-call.ts';
import { must } from './bulk-call.ts';
import { isFailure } from './envelope.ts';
import { createExportChecks, HISTORY_VERSION } from './export-checks.ts';
import type { ImportBatch } from './import-batches.ts';
import { beforeLine, createStoring, ofLines, placeOf, startBatch } from './import-batches.ts';
import type { ParsedLine } from './import-lines.ts';
import { parsedLines } from './import-lines.ts';
import { HEAVIEST, jsonWeight, REQUEST_WEIGHT } from './json-weight.ts';

/** How an import goes. */
export interface ImportProgress {
  /** Lines read. */
  lines: number;
  imported: number;
  skipped: number;
  expired: number;
  /** Records that could not be stored, with their line. */
  failed: { line: number; key: string; error: unknown }[];
}

/** What to do with lines. */
export interface ImportTarget {
  bucket: string;
  on_conflict?: KvBucketImportInput['on_conflict'];
  /** Makes the bucket with the options of the export's header, unless it is there already. */
  create?: boolean;
  /** Of the export's header: its records are revisions. */
  history_of?: string;
}

/** Records of one call. */
const PAGE = 1_000;
/** So many letters a line, and a page of them is no matter whatever they are. */
const SHORT = 200;
/** A file of a million faults is told by its first ones. */
const MAX_FAULTS = 100;

/**
 * Stores the records of an export. Run again with on_conflict skip, it goes on where it broke off. What is there is stored
 * before it is said that an export was cut or altered; lines of one's own, without a header, need no end line.
 * @throws PackError INVALID_INPUT with how far it got
 */
export async function importLines(
  call: CallFunction,
  lines: AsyncIterable<string>,
  into: ImportTarget,
  onProgress: (progress: ImportProgress) => void = () => undefined,
): Promise<ImportProgress> {
  const progress: ImportProgress = { lines: 0, imported: 0, skipped: 0, expired: 0, failed: [] };
  const checks = createExportChecks();
  let target = into;
  let batch = startBatch();
  /** The line that ended the reading; what came whole before it is stored, and then it is told how far that got. */
  let broken: PackError | undefined;
  const storing = createStoring();
  try {
    for await (const read of parsedLines(lines)) {
      for (const each of read) {
        const waits = take(each);
        if (waits) await waits;
      }
    }
    if (batch.records.length > 0) await send();
    await storing.done();
    storing.throwFault();
  } catch (error) {
    // What was begun is done before anything is told, whatever ended the reading.
    await storing.done();
    throw stoppedBy(error, broken, progress);
  } finally {
    progress.failed.sort((a, b) => a.line - b.line);
  }
  onProgress(progress);
  if (broken) throw withProgress(broken, progress);
  const fault = checks.fault(progress.lines);
  if (fault) throw new PackError('INVALID_INPUT', `${fault} ${told(progress)}`, { details: { ...progress } });
  return progress;

  /** Waits only where a batch is full, or another export begins. */
  function take({ line, text, number, fault }: ParsedLine): Promise<void> | undefined {
    progress.lines = number;
    broken = fault;
    if (!line) return undefined;
    if ('kvflow_export' in line) return begin(line);
    if ('key' in line) return add(line as unknown as ExportedRecord, text);
    if (!checks.end(line)) refuse(progress, target);
    return undefined;
  }

  async function begin(line: Record<string, unknown>): Promise<void> {
    // What came behind another header goes where that one said.
    if (batch.records.length > 0 && target !== into) await send();
    target = await prepare(call, target, checks.header(line));
  }

  function add(record: ExportedRecord, text: string): Promise<void> | undefined {
    checks.record(text, record.revision);
    batch.records.push(record);
    batch.lines.push(progress.lines);
    batch.weight += text.length <= SHORT ? text.length * HEAVIEST : jsonWeight(text);
    return batch.records.length >= PAGE || batch.weight >= REQUEST_WEIGHT ? send() : undefined;
  }

  async function send(): Promise<void> {
    const [full, to] = [batch, target];
    batch = startBatch();
    await storing.begin(full, to, async () => {
      await store(call, to, full, progress);
      onProgress(progress);
    });
  }
}

/** A line that is no record, header or end: data that cannot be placed is named, never dropped. */
function refuse({ failed, lines: line }: ImportProgress, { bucket }: ImportTarget): void {
  if (failed.length === MAX_FAULTS) return;
  const message = `line ${line} has no key, so that it cannot be stored in bucket "${bucket}"; a record is {"key":"...","value":"..."}`;
  failed.push({ line, key: '', error: { code: 'INVALID_INPUT', message, retryable: false } });
}

function told({ imported, skipped, expired, failed }: ImportProgress): string {
  return `${imported} items were imported, ${skipped} skipped, ${expired} expired, ${failed.length} failed.`;
}

async function store(call: CallFunction, target: ImportTarget, batch: ImportBatch, progress: ImportProgress) {
  const { bucket, on_conflict, history_of } = target;
  const input = {
    bucket,
    records: batch.records,
    ...(on_conflict && { on_conflict }),
    ...(history_of !== undefined && { history_of }),
  };
  const envelope = await call('kv-bucket-import', input);
  if (isFailure(envelope) && envelope.error.errors) {
    const fault = ofLines(envelope.error, batch);
    const before = beforeLine(batch, fault.details.line);
    if (before.records.length > 0) await store(call, target, before, progress);
    throw fault;
  }
  // One that ends at a conflict has stored what came before it.
  if (isFailure(envelope)) progress.imported += Number(envelope.error.details?.imported ?? 0);
  const done = must<KvBucketImportOutput>(envelope, placeOf(batch));
  progress.imported += done.imported;
  progress.skipped += done.skipped;
  progress.expired += done.expired;
  for (const { index, key, error } of done.failed) {
    if (progress.failed.length === MAX_FAULTS) return;
    progress.failed.push({ line: batch.lines[index] ?? 0, key, error });
  }
}

async function prepare(
  call: CallFunction,
  target: ImportTarget,
  header: Record<string, unknown>,
): Promise<ImportTarget> {
  const { bucket, create } = target;
  const { history_of: _before, ...plain } = target;
  const history_of = String(header.history_of);
  const prepared = header.kvflow_export === HISTORY_VERSION ? { ...plain, history_of } : plain;
  if (!create) return prepared;
  const known = await call('kv-bucket-info', { bucket });
  if (!isFailure(known)) return prepared;
  // A copy stands on its own: it does not mirror what the exported bucket mirrored.
  const {
    mirror: _mirror,
    sources: _sources,
    ...options
  } = (header.options ?? {}) as Record<string, unknown>;
  must(await call('kv-bucket-create', { ...options, bucket }));
  return prepared;
}

/** What ended an import, with how far it got; a line that could not be read is told before why the lines before it could not be stored. */
function stoppedBy(error: unknown, broken: PackError | undefined, progress: ImportProgress): unknown {
  if (!(error instanceof PackError)) return error;
  if (!broken || error.details.line !== undefined) return withProgress(error, progress);
  const { code, details, errors } = broken;
  const message = `${sentence(broken.message)} What came before it could not be stored: ${error.message}`;
  return withProgress(new PackError(code, message, { details, ...(errors && { errors }) }), progress);
}

/** Nothing is added where nothing was done. */
function withProgress(error: PackError, progress: ImportProgress): PackError {
  const { imported, skipped, expired, failed } = progress;
  if (imported + skipped + expired + failed.length === 0) return error;
  const { code, message, details, errors, retryable } = error;
  return new PackError(code, `${sentence(message)} ${told(progress)}`, {
    details: { ...details, ...progress },
    ...(errors && { errors }),
    ...(retryable !== undefined && { retryable }),
  });
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
