import { type FileLine, linesOf } from './lines.ts';
import type { ExportHeader, ImportRecord } from './parse-line.ts';
import { parseLine } from './parse-line.ts';

/** What is in a file, found by reading all of it before anything is sent. */
export interface Scan {
  lines: number;
  records: number;
  /** Records whose time is over already: they will be left out. */
  expired: number;
  /** Records with a time to live. */
  timed: number;
  faults: number;
  /** The first of them. */
  firstFaults: { line: number; message: string; text: string }[];
  firstRecords: { line: number; record: ImportRecord }[];
  header?: ExportHeader;
  /** An export without its last line: it was cut off. */
  cut: boolean;
  /** Of the file. */
  bytesRead: number;
  done: boolean;
}

const FIRST_RECORDS = 50;
const FIRST_FAULTS = 100;
/** Characters of a faulty line that are shown. */
const EXCERPT = 200;
const TELL_MS = 150;

/** Reads the file through and tells what was found so far now and then, and at last all of it. */
export async function scanFile(file: Blob, onScan: (scan: Scan) => void, signal: AbortSignal): Promise<void> {
  const scan: Scan = {
    lines: 0,
    records: 0,
    expired: 0,
    timed: 0,
    faults: 0,
    firstFaults: [],
    firstRecords: [],
    cut: false,
    bytesRead: 0,
    done: false,
  };
  const now = Date.now();
  let toldAt = now;
  let ended = false;
  for await (const lines of linesOf(file, bytes => (scan.bytesRead = bytes))) {
    if (signal.aborted) return;
    for (const line of lines) look(line);
    if (Date.now() - toldAt < TELL_MS) continue;
    toldAt = Date.now();
    onScan({ ...scan });
  }
  if (!signal.aborted) onScan({ ...scan, cut: scan.header !== undefined && !ended, done: true });

  function look(read: FileLine): void {
    scan.lines += 1;
    const line = parseLine(read);
    if (line.kind === 'header') scan.header ??= line.header;
    else if (line.kind === 'end') ended = true;
    else if (line.kind === 'fault') {
      scan.faults += 1;
      if (scan.firstFaults.length < FIRST_FAULTS)
        scan.firstFaults.push({ line: scan.lines, message: line.message, text: read.text.slice(0, EXCERPT) });
    } else if (line.kind === 'record') count(line.record);
  }

  function count(record: ImportRecord): void {
    scan.records += 1;
    if (record.ttl !== undefined || record.expires_at !== undefined) scan.timed += 1;
    if (record.expires_at !== undefined && Date.parse(record.expires_at) <= now) scan.expired += 1;
    if (scan.firstRecords.length < FIRST_RECORDS) scan.firstRecords.push({ line: scan.lines, record });
  }
}
