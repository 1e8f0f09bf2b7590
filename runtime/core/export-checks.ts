import { createHash } from 'node:crypto';
import { invalidField } from '../../contract/errors.ts';

/** Form of the lines of an export; a build that knows another one alone refuses it. */
export const EXPORT_VERSION = 1;
/** Form of an export with history: read as the other form, of each key the oldest value would be taken. */
export const HISTORY_VERSION = 2;

const HASHED_AT_ONCE = 64 * 1024;

/** Follows the lines of an import, to tell an export that was cut or altered from a whole one. */
export interface ExportChecks {
  /** A header line, checked. Throws INVALID_INPUT for a form that is not known. */
  header(line: Record<string, unknown>): Record<string, unknown>;
  /** A record, as its line was written, and what it says its revision was. */
  record(text: string, revision: unknown): void;
  /** Whether the line ends an export, well or with an error. */
  end(line: Record<string, unknown>): boolean;
  /** What is wrong with the export as a whole, of which `lines` were read; undefined where nothing is. */
  fault(lines: number): string | undefined;
}

/** Makes the checks of one import. */
export function createExportChecks(): ExportChecks {
  let hash = createHash('sha256');
  /** Of the text that is hashed, what waits: a call for each line would be felt. */
  let waiting = '';
  let records = 0;
  let open = false;
  /** An end line was read, and no header after it. */
  let ended = false;
  let last = 0;
  let inOrder = true;
  let broken: string | undefined;
  return {
    header(line) {
      if (!isKnown(line)) {
        const message = `this export has form ${String(line.kvflow_export)}, and this kvflow reads form ${EXPORT_VERSION}, and form ${HISTORY_VERSION} with its history_of; import it with the kvflow that made it`;
        throw invalidField('/kvflow_export', message);
      }
      // One with history that goes on where another broke off has its header again, and an end line about its own records.
      if (open && (line.kvflow_export === EXPORT_VERSION || records === 0)) broken ??= INSIDE;
      if (records > 0 && !open) broken ??= BEFORE;
      open = true;
      ended = false;
      restart();
      return line;
    },
    record(text, revision) {
      if (ended) broken ??= BEHIND;
      records += 1;
      inOrder &&= typeof revision === 'number' && revision > last;
      last = Number(revision);
      waiting += text.endsWith('\r') ? `${text.slice(0, -1)}\n` : `${text}\n`;
      if (waiting.length >= HASHED_AT_ONCE) hashWaiting();
    },
    end(line) {
      if ('status_code' in line && 'error' in line) {
        broken = `The export ended with an error: ${JSON.stringify(line.error)}.`;
        return true;
      }
      if (line.end !== true) return false;
      if (ended) broken ??= BEHIND;
      open = false;
      ended = true;
      broken ??= compare(line) ?? lacking(line);
      restart();
      return true;
    },
    fault: lines =>
      broken ??
      (lines === 0 ? 'There is nothing to import: not one line came.' : undefined) ??
      (open
        ? 'The export has no end line: it was cut before its end, so that items are missing.'
        : undefined),
  };

  function hashWaiting(): void {
    hash.update(waiting);
    waiting = '';
  }

  function restart(): void {
    hash = createHash('sha256');
    waiting = '';
    records = 0;
    last = 0;
    inOrder = true;
  }

  /**
   * An export that went on where another broke off counts its own records alone: with those of both there are more, each
   * written after the one before it, as in every export.
   */
  function compare({ records: told, sha256 }: Record<string, unknown>): string | undefined {
    if (typeof told !== 'number') return undefined;
    if (records > told) return inOrder ? undefined : added(told, records);
    if (records < told)
      return `The export has ${told} records and ${records} of them are there: lines are missing.`;
    hashWaiting();
    if (typeof sha256 !== 'string' || hash.digest('hex') === sha256) return undefined;
    return 'The lines of the export are not those that were written: they were altered.';
  }
}

const BEHIND =
  'Lines follow the end line of the export: it was altered, or joined with one that has no header.';
const BEFORE =
  'Lines without a header stand before the header of an export: it was altered or joined with them.';
const INSIDE =
  'A second header comes before the end line of the export: it was cut before another was joined.';

/** An export names what its kvflow could not read, and what its search could not look at; whoever imports hears of it. */
function lacking({ unreadable, unjudged }: Record<string, unknown>): string | undefined {
  if (isNamed(unreadable))
    return `The export lacks ${named(unreadable)}: a newer kvflow wrote them, and the one that exported could not read them. Export with the newer one.`;
  if (isNamed(unjudged))
    return `The export lacks ${named(unjudged)}: their values are too large, or nested too deeply, for the js: of its search to look at. Export them without js:.`;
  return undefined;
}

function isNamed(keys: unknown): keys is unknown[] {
  return Array.isArray(keys) && keys.length > 0;
}

function named(keys: unknown[]): string {
  return `"${keys.slice(0, 10).join('", "')}"${keys.length > 10 ? ' and others' : ''}`;
}

function isKnown({ kvflow_export: form, history_of }: Record<string, unknown>): boolean {
  return form === EXPORT_VERSION || (form === HISTORY_VERSION && typeof history_of === 'string');
}

function added(told: number, records: number): string {
  return `The export has ${told} records and ${records} of them are there, not in the order of their revisions: lines were added or came twice.`;
}
