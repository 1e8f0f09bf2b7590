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
  'slowest call',
];

/** The table in Markdown; a fault that was skipped says why. */
export function table(rows: readonly Row[], skipped: ReadonlyMap<string, string>): string {
  const lines = rows.map(({ fault, operations, acked, unknown, verdict, recoveryMs, slowestMs, slowest }) => [
    fault,
    operations,
    acked,
    unknown,
    verdict.lost.length,
    verdict.doubled.length,
    verdict.stale.length,
    verdict.wrong.length,
    seconds(recoveryMs),
    `${seconds(slowestMs)} (${slowest})`,
  ]);
  const left = [...skipped].map(([fault, why]) => [
    `${fault}: skipped, ${why}`,
    ...Array(HEAD.length - 1).fill(''),
  ]);
  return [HEAD, HEAD.map(() => '---'), ...lines, ...left].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
