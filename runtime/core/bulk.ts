/** Whole buckets as lines of JSON (NDJSON), a page at a time: constant memory whatever the size. */
import { createHash } from 'node:crypto';

import { PackError } from '../../contract/errors.ts';
import { parseExact } from '../../contract/exact-json.ts';
import type {
  ExportedRecord,
  KvBucketExportOutput,
  KvBucketImportInput,
  KvBucketImportOutput,
} from '../../contract/types.gen.ts';
import type { Envelope, Failure } from './envelope.ts';
import { isFailure } from './envelope.ts';
import { createExportChecks, EXPORT_VERSION, HISTORY_VERSION } from './export-checks.ts';
import { jsonWeight } from './json-weight.ts';

/** Calls a function as the one who asked for the export or import. */
export type CallFunction = (name: string, input: unknown) => Promise<Envelope>;

/** What to export. */
export interface ExportRange {
  bucket: string;
  filter?: string;
  /** Only what kv-key-find finds by this. */
  query?: string;
  /** Only items written after this sequence number: where an export that broke off goes on. */
  after?: number;
  /** All that is kept of each key, in place of live items. */
  history?: boolean;
}

/** Some lines of an export. */
export interface ExportChunk {
  text: string;
  records: number;
  /** `after` for going on from here. */
  next: number;
  /** With the last: keys that are not in the export, as a newer kvflow wrote them in a form that this one would misread. */
  unreadable?: string[];
}

const PAGE = 1_000;
/** Larger lines end a batch early, so that one call stays well under the limits of a request: about 4 MiB of text. */
const BATCH_WEIGHT = 16 * 1024 * 1024;

/**
 * The lines of an export: a header with the bucket's options (none when it goes on from `after`, but with history), a record
 * for each live item or revision, and an end line with their number and the sha256 of their lines, without which the export is cut. The next page is
 * fetched while one is written.
 */
export async function* exportLines(call: CallFunction, range: ExportRange): AsyncGenerator<ExportChunk> {
  let records = 0;
  let isFirst = true;
  const hash = createHash('sha256');
  const unreadable = new Set<string>();
  let next = range.after ?? 0;
  let fetching = fetchPage(call, range, { after: next });
  for (let more = true; more; ) {
    const page = await fetching;
    more = page.has_more;
    next = page.next;
    if (more) {
      fetching = fetchPage(
        call,
        range,
        page.cursor === undefined ? { after: next } : { cursor: page.cursor },
      );
      fetching.catch(() => undefined); // Thrown where it is awaited.
    }
    records += page.records.length;
    for (const key of page.unreadable ?? []) unreadable.add(key);
    const lines = page.records.map(record => JSON.stringify(record));
    for (const line of lines) hash.update(`${line}\n`);
    const header = isFirst ? headerOf(page, range) : undefined;
    isFirst = false;
    if (header) lines.unshift(JSON.stringify(header));
    const lacks = !more && unreadable.size > 0 ? { unreadable: [...unreadable] } : {};
    if (!more) lines.push(JSON.stringify({ end: true, records, next, sha256: hash.digest('hex'), ...lacks }));
    yield { text: lines.map(line => `${line}\n`).join(''), records: page.records.length, next, ...lacks };
  }
}

/** Revisions are imported as what they are only with the header, so that an export that goes on has it again. */
function headerOf({ header, history_of }: KvBucketExportOutput, { bucket, history }: ExportRange) {
  if (!history) return header && { kvflow_export: EXPORT_VERSION, ...header };
  return { kvflow_export: HISTORY_VERSION, ...(header ?? { bucket, history_of }) };
}

async function fetchPage(
  call: CallFunction,
  { bucket, filter, query, history }: ExportRange,
  from: { after: number } | { cursor: string },
) {
  const input = {
    bucket,
    ...from,
    limit: PAGE,
    ...(filter && { filter }),
    ...(query && { query }),
    ...(history && { history }),
  };
  return must<KvBucketExportOutput>(await call('kv-bucket-export', input));
}

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
  const storing = createStoring();
  try {
    for await (const text of lines) {
      progress.lines += 1;
      if (text.trim() === '') continue;
      const line = parseLine(text, progress.lines);
      if ('kvflow_export' in line) target = await prepare(call, target, checks.header(line));
      else if ('key' in line) checks.record(text);
      else if (!checks.end(line)) refuse(progress, target);
      if (!('key' in line)) continue;
      batch.records.push(line as unknown as ExportedRecord);
      batch.lines.push(progress.lines);
      batch.weight += jsonWeight(text);
      if (batch.records.length >= PAGE || batch.weight >= BATCH_WEIGHT) await send();
    }
    if (batch.records.length > 0) await send();
  } finally {
    // What was begun is done before anything is told, whatever ended the reading.
    await storing.done();
    progress.failed.sort((a, b) => a.line - b.line);
  }
  storing.throwFault();
  onProgress(progress);
  const fault = checks.fault();
  if (fault) throw new PackError('INVALID_INPUT', `${fault} ${told(progress)}`, { details: { ...progress } });
  return progress;

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

interface Batch {
  records: ExportedRecord[];
  lines: number[];
  weight: number;
}

function startBatch(): Batch {
  return { records: [], lines: [], weight: 0 };
}

/** Batches on their way at once: the next is read while one is stored. */
const MAX_STORING = 2;

/**
 * Stores batches side by side, but never two that have a key in common, nor a history, nor where the first conflict is to end the
 * import: there the order counts. What failed is thrown when all that was begun is done, so that what was told is all there is.
 */
function createStoring() {
  const under = new Map<Batch, Promise<void>>();
  let fault: { error: unknown } | undefined;
  return { begin, done, throwFault };

  async function begin(batch: Batch, { on_conflict, history_of }: ImportTarget, work: () => Promise<void>) {
    const isOrdered = on_conflict === 'fail' || history_of !== undefined;
    const keys = new Set(batch.records.map(({ key }) => key));
    while (under.size >= MAX_STORING || (under.size > 0 && (isOrdered || meets(keys)))) {
      await Promise.race(under.values());
    }
    throwFault();
    const stored = work()
      .catch(error => {
        fault ??= { error };
      })
      .finally(() => under.delete(batch));
    under.set(batch, stored);
    if (isOrdered) await done();
  }

  function meets(keys: ReadonlySet<string>): boolean {
    return [...under.keys()].some(({ records }) => records.some(({ key }) => keys.has(key)));
  }

  async function done(): Promise<void> {
    await Promise.all(under.values());
  }

  function throwFault(): void {
    if (fault) throw fault.error;
  }
}

async function store(call: CallFunction, target: ImportTarget, batch: Batch, progress: ImportProgress) {
  const { bucket, on_conflict, history_of } = target;
  const input = {
    bucket,
    records: batch.records,
    ...(on_conflict && { on_conflict }),
    ...(history_of !== undefined && { history_of }),
  };
  const envelope = await call('kv-bucket-import', input);
  if (isFailure(envelope) && envelope.error.errors) throw ofLines(envelope.error, batch);
  const done = must<KvBucketImportOutput>(envelope, placeOf(batch));
  progress.imported += done.imported;
  progress.skipped += done.skipped;
  progress.expired += done.expired;
  for (const { index, key, error } of done.failed) {
    if (progress.failed.length === MAX_FAULTS) return;
    progress.failed.push({ line: batch.lines[index] ?? 0, key, error });
  }
}

/** A record is a line of the caller's: what is wrong with it is told by the line's number, pointing into the line. */
function ofLines(
  { code, message, details, errors = [], retryable }: Failure['error'],
  batch: Batch,
): PackError {
  const faults = errors.map(fault => {
    const [, index, pointer = ''] = /^\/records\/(\d+)(\/.*)?$/.exec(fault.pointer) ?? [];
    const line = index === undefined ? undefined : batch.lines[Number(index)];
    return line === undefined ? { fault } : { fault: { pointer, message: fault.message }, line };
  });
  const [line] = faults.flatMap(each => each.line ?? []);
  if (line === undefined)
    return new PackError(code, placeOf(batch) + message, { details: { ...details }, errors, retryable });
  const told = faults.map(
    ({ fault, line: at }) => `line ${at}: ${fault.pointer || 'the record'} ${fault.message}`,
  );
  return new PackError(code, told.join('; '), {
    details: { ...details, line },
    errors: faults.map(({ fault }) => fault),
    retryable,
  });
}

function placeOf({ lines }: Batch): string {
  return `lines ${lines[0]} to ${lines.at(-1)}: `;
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

/** One line as a JSON object; throws INVALID_INPUT with its number. */
export function parseLine(text: string, line: number): Record<string, unknown> {
  try {
    const value: unknown = parseExact(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  const message = `line ${line} is no JSON object; each line must be one`;
  throw new PackError('INVALID_INPUT', message, { errors: [{ pointer: '', message }], details: { line } });
}

/** The data of an envelope, or its error thrown with the place put before the message. */
export function must<T>(envelope: Envelope, place = ''): T {
  if (!isFailure(envelope)) return envelope.data as T;
  const { code, message, details, errors, retryable } = envelope.error;
  throw new PackError(code, place + message, {
    retryable,
    ...(details && { details }),
    ...(errors && { errors }),
  });
}
