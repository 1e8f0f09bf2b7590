/** Writes what one run measured as a page, so that figures in the documentation are of one machine and one moment. */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '../runtime/nats/server/find.ts';
import { ABOUT } from './about.ts';
import { growthChart, ratiosChart } from './charts.ts';
import type { Growth } from './growth.ts';
import type { BenchmarkName } from './index.ts';
import type { Figure } from './measure.ts';

const DOCS = join(import.meta.dirname, '../docs');

/** What a run measured, by name; a text: why it could not be measured. */
export type Results = Partial<Record<BenchmarkName, Figure | string>>;

/** Writes docs/performance.md, and its charts beside it. `load`: processes that wanted a core when the run began. */
export async function writeReport(results: Results, growths: Growth[], load: number): Promise<void> {
  const { version } = await findNatsServer({ env: process.env });
  const rows = Object.entries(results) as [BenchmarkName, Figure | string][];
  const bars = rows.filter((row): row is [BenchmarkName, Figure] => typeof row[1] !== 'string');
  await writeFile(join(DOCS, 'performance.md'), pageOf(rows, growths, { load, version }));
  await writeFile(join(DOCS, 'performance.svg'), ratiosChart(bars));
  await writeFile(join(DOCS, 'performance-growth.svg'), growthChart(growths));
}

/** The load of the machine before anything is measured. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function pageOf(
  rows: [BenchmarkName, Figure | string][],
  growths: Growth[],
  { load, version }: { load: number; version: string },
) {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `# Performance

Written by \`npm run bench -- --report\`: each row is kvflow and a baseline measured in turn in the same run, medians of the rounds; the ratio is
kvflow's part of the baseline, and counts more than the figures, which are of one machine.

${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}, nats-server ${version}; load average ${load.toFixed(1)} before the run. Server,
client and load share the cores.

![Ratios](performance.svg)

| | what | against | kvflow | baseline | unit | ratio |
|---|---|---|--:|--:|---|--:|
${rows.map(rowOf).join('\n')}

## How figures grow

![Figures by what grows](performance-growth.svg)

${growths.map(tableOf).join('\n\n')}

With more processes: the rows \`...-workers\` above, and [scaling](scaling.md).
`;
}

function tableOf({ name, by, unit, points }: Growth): string {
  const cells = (of: (point: Growth['points'][number]) => number) =>
    points.map(point => format(of(point))).join(' | ');
  return `${name}:

| ${by} | ${cells(({ at }) => at)} |
|---|${points.map(() => '--:|').join('')}
| ${unit} | ${cells(({ value }) => value)} |`;
}

function rowOf([name, figure]: [BenchmarkName, Figure | string]): string {
  const [ours, baseline] = ABOUT[name];
  const head = `| ${name} | ${ours} | ${baseline}`;
  if (typeof figure === 'string') return `${head} | not measured: ${figure} | | | |`;
  const { value, unit, ratio, note } = figure;
  const more = note ? `<br>${note.replaceAll('|', '/')}` : '';
  return `${head}${more} | ${format(value)} | ${format(figure.baseline)} | ${unit} | ${ratio.toFixed(2)} |`;
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
