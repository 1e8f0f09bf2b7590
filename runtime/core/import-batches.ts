import { PackError } from '../../contract/errors.ts';
import type { ExportedRecord, KvBucketImportInput } from '../../contract/types.gen.ts';
import { hashOf } from './distinct-texts.ts';
import type { Failure } from './envelope.ts';

/** Records of an import that are stored by one call, and the numbers of their lines. */
export interface ImportBatch {
  records: ExportedRecord[];
  lines: number[];
  weight: number;
}

/** What an import says of the order of its records. */
interface ImportOrder {
  on_conflict?: KvBucketImportInput['on_conflict'];
  history_of?: string;
}

/** One without any yet. */
export function startBatch(): ImportBatch {
  return { records: [], lines: [], weight: 0 };
}

/** Batches on their way at once: others are read and sent while one is stored. */
const MAX_STORING = 3;

/**
 * Stores batches side by side, but never two that have a key in common, nor a history, nor where the first conflict is to end the
 * import: there the order counts. What failed is thrown when all that was begun is done, so that what was told is all there is.
 */
export function createStoring() {
  const under = new Map<ReadonlySet<number>, Promise<void>>();
  let fault: { error: unknown } | undefined;
  return { begin, done, throwFault };

  async function begin(
    { records }: ImportBatch,
    { on_conflict, history_of }: ImportOrder,
    work: () => Promise<void>,
  ) {
    // Two keys of one hash only wait for one another.
    const keys = new Set<number>();
    for (const { key } of records) keys.add(hashOf(key));
    const isOrdered = on_conflict === 'fail' || history_of !== undefined;
    while (under.size >= MAX_STORING || (under.size > 0 && (isOrdered || meets(keys)))) {
      await Promise.race(under.values());
    }
    throwFault();
    const stored = work()
      .catch(error => {
        fault ??= { error };
      })
      .finally(() => under.delete(keys));
    under.set(keys, stored);
    if (isOrdered) await done();
  }

  function meets(keys: ReadonlySet<number>): boolean {
    for (const others of under.keys()) for (const key of keys) if (others.has(key)) return true;
    return false;
  }

  async function done(): Promise<void> {
    await Promise.all(under.values());
  }

  function throwFault(): void {
    if (fault) throw fault.error;
  }
}

/** A record is a line of the caller's: what is wrong with it is told by the line's number, pointing into the line. */
export function ofLines(
  { code, message, details, errors = [], retryable }: Failure['error'],
  batch: ImportBatch,
): PackError {
  const faults = errors.map(fault => {
    const [, index, pointer = ''] = /^\/records\/(\d+)(\/.*)?$/.exec(fault.pointer) ?? [];
    const line = index === undefined ? undefined : batch.lines[Number(index)];
    return line === undefined ? { fault } : { fault: { pointer, message: fault.message }, line };
  });
  const [line] = faults.flatMap(each => each.line ?? []).sort((a, b) => a - b);
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

/** What of a batch comes before a line; nothing, where it is not known which line. */
export function beforeLine({ records, lines }: ImportBatch, line: unknown): ImportBatch {
  const count = Math.max(0, lines.indexOf(Number(line)));
  return { records: records.slice(0, count), lines: lines.slice(0, count), weight: 0 };
}

/** Which lines, before a message. */
export function placeOf({ lines }: ImportBatch): string {
  return `lines ${lines[0]} to ${lines.at(-1)}: `;
}
