/** A whole bucket as lines of JSON (NDJSON), a page at a time: constant memory whatever the size. */
import { createHash } from 'node:crypto';
import type { KvBucketExportOutput } from '../../contract/types.gen.ts';
import type { CallFunction } from './bulk-call.ts';
import { must } from './bulk-call.ts';
import { EXPORT_VERSION, HISTORY_VERSION } from './export-checks.ts';

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
  /** With the last: keys that are not in the export, as the search could not look at their values. */
  unjudged?: string[];
}

const PAGE = 1_000;

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
  const unjudged = new Set<string>();
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
    for (const key of page.unjudged ?? []) unjudged.add(key);
    const lines = page.records.map(lineOf).join('');
    hash.update(lines);
    const header = isFirst ? headerOf(page, range) : undefined;
    isFirst = false;
    const lacks = {
      ...(!more && unreadable.size > 0 && { unreadable: [...unreadable] }),
      ...(!more && unjudged.size > 0 && { unjudged: [...unjudged] }),
    };
    const end = more ? '' : lineOf({ end: true, records, next, sha256: hash.digest('hex'), ...lacks });
    const text = `${header ? lineOf(header) : ''}${lines}${end}`;
    yield { text, records: page.records.length, next, ...lacks };
  }
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
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
