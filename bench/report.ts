/** Writes what one run measured as a page, so that figures in the documentation are of one machine and one moment. */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '../runtime/nats/server/find.ts';
import { ABOUT } from './about.ts';
import type { BenchmarkName } from './index.ts';
import type { Figure } from './measure.ts';

const DOCS = join(import.meta.dirname, '../docs');
const ROW = 22;
const LEFT = 190;
const UNIT = 140;

/** What a run measured, by name; a text: why it could not be measured. */
export type Results = Partial<Record<BenchmarkName, Figure | string>>;

/** Writes docs/performance.md, and its chart beside it. `load`: processes that wanted a core when the run began. */
export async function writeReport(results: Results, load: number): Promise<void> {
  const { version } = await findNatsServer({ env: process.env });
  const rows = Object.entries(results) as [BenchmarkName, Figure | string][];
  await writeFile(join(DOCS, 'performance.md'), pageOf(rows, { load, version }));
  await writeFile(join(DOCS, 'performance.svg'), chartOf(rows));
}

/** The load of the machine before anything is measured. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function pageOf(
  rows: [BenchmarkName, Figure | string][],
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
`;
}

function rowOf([name, figure]: [BenchmarkName, Figure | string]): string {
  const [ours, baseline] = ABOUT[name];
  const head = `| ${name} | ${ours} | ${baseline}`;
  if (typeof figure === 'string') return `${head} | not measured: ${figure} | | | |`;
  const { value, unit, ratio, note } = figure;
  const more = note ? `<br>${note.replaceAll('|', '/')}` : '';
  return `${head}${more} | ${format(value)} | ${format(figure.baseline)} | ${unit} | ${ratio.toFixed(2)} |`;
}

function chartOf(rows: [BenchmarkName, Figure | string][]): string {
  const bars = rows.filter((row): row is [BenchmarkName, Figure] => typeof row[1] !== 'string');
  const most = Math.max(2, ...bars.map(([, { ratio }]) => Math.min(ratio, 4)));
  const width = LEFT + UNIT * most + 50;
  const lines = bars.map(([name, { ratio }], index) => {
    const y = index * ROW + 30;
    const length = Math.round(UNIT * Math.min(ratio, 4));
    return `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${name}</text><rect x="${LEFT}" y="${y}" width="${length}" height="15" fill="#3b82f6"/><text x="${LEFT + length + 5}" y="${y + 12}">${ratio.toFixed(2)}</text>`;
  });
  const height = bars.length * ROW + 40;
  const one = LEFT + UNIT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.round(width)} ${height}" font-family="sans-serif" font-size="12">
<title>kvflow as a part of each baseline</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${one}" y="18" text-anchor="middle">baseline = 1</text>
<line x1="${one}" y1="24" x2="${one}" y2="${height - 8}" stroke="#888" stroke-dasharray="3 3"/>
${lines.join('\n')}
</svg>
`;
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
