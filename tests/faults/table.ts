import type { Row } from './run-fault.ts';

const HEAD = [
  'fault',
  'operations',
  'acknowledged',
  'unknown',
  'lost',
  'doubled',
  'stale',
  'wrong',
  'recovery',
  'outage',
  'slowest call',
];

/** What a call may take longer than the outage, in milliseconds. */
export const BEYOND_MS = 1_000;

/** Where the table stands in a page. */
const PLACE = /(<!-- faults -->\n)([\s\S]*?)(\n<!-- \/faults -->)/;

/** The table in Markdown; a fault that was skipped says why. */
export function table(rows: readonly Row[], skipped: ReadonlyMap<string, string>): string {
  return written([...rows.map(lineOf), ...[...skipped].map(skippedLine)]);
}

/** A page with the table of a run in place of the one before; faults that did not run keep their rows. Throws where a page has no place for it. */
export function withTable(page: string, rows: readonly Row[], skipped: ReadonlyMap<string, string>): string {
  const before = PLACE.exec(page)?.[2];
  if (before === undefined) throw new Error('The page has no place for the table: <!-- faults -->');
  const lines = new Map(
    before
      .split('\n')
      .filter(isRow)
      .map(line => [nameOf(line), line]),
  );
  const ran = [...rows.map(lineOf), ...[...skipped].map(skippedLine)];
  for (const line of ran) lines.set(nameOf(line), line);
  return page.replace(
    PLACE,
    (_all, begin: string, _before, end: string) => `${begin}\n${written([...lines.values()])}\n${end}`,
  );
}

/**
 * How much longer than the outage a call took, in milliseconds, the most of all. One that met two, as a cluster has them when it is parted
 * and when it is whole again, is measured from the end of the second.
 */
export function beyondOf({ slow, outageMs }: Pick<Row, 'slow' | 'outageMs'>): number {
  return Math.max(0, ...slow.map(({ began, ended, afterMs }) => Math.min(ended - began - outageMs, afterMs)));
}

function lineOf({ fault, operations, acked, unknown, verdict, ...times }: Row): string {
  return line([
    fault,
    operations,
    acked,
    unknown,
    verdict.lost.length,
    verdict.doubled.length,
    verdict.stale.length,
    verdict.wrong.length,
    seconds(times.recoveryMs),
    seconds(times.outageMs),
    `${seconds(times.slowestMs)} (${times.slowest})`,
  ]);
}

function skippedLine([fault, why]: [string, string]): string {
  return line([`${fault}: skipped, ${why}`, ...Array(HEAD.length - 1).fill('')]);
}

function written(lines: readonly string[]): string {
  return [line(HEAD), line(HEAD.map(() => '---')), ...lines].join('\n');
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function isRow(text: string): boolean {
  return text.startsWith('| ') && !text.startsWith('| fault |') && !text.startsWith('| ---');
}

/** The fault of a row. */
function nameOf(row: string): string {
  return (
    row
      .split(' | ')[0]
      ?.replace(/^\| |: skipped,.*$/g, '')
      .trim() ?? ''
  );
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
