/**
 * Benchmarks: ours against a baseline measured in the same run, the two in turn, medians of the rounds.
 * `npm run bench` runs all, `npm run bench -- NAME...` some, `--json` prints one JSON object,
 * `--report` writes docs/performance.md. Each runs in a process of its
 * own: what another left behind, its heap and what the compiler learnt from it, would be part of the figure.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BenchmarkName } from './index.ts';
import { benchmarks } from './index.ts';
import type { Figure } from './measure.ts';
import type { Results } from './report.ts';

const json = process.argv.includes('--json');
const report = process.argv.includes('--report') ? await import('./report.ts') : undefined;
const load = report?.loadNow() ?? 0;
const wanted = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
const unknown = wanted.filter(name => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

const all = Object.keys(benchmarks) as BenchmarkName[];
const names = all.filter(name => wanted.length === 0 || wanted.includes(name));
const results: Results = {};
for (const name of names) {
  const run = names.length === 1 && !report ? benchmarks[name] : () => inOwnProcess(name);
  // A report says of what could not be measured why; alone it is a failure.
  const figure = report ? await run().catch(reasonOf) : await run();
  results[name] = figure;
  if (!json) console.log(typeof figure === 'string' ? `${name}: ${figure}` : line(name, figure));
}
if (json) console.log(JSON.stringify(results));
if (report) {
  const { measureGrowth } = await import('./growth.ts');
  await report.writeReport(results, await measureGrowth(), load);
}

async function inOwnProcess(name: string): Promise<Figure> {
  const args = [...process.execArgv, import.meta.filename, name, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const figure = (JSON.parse(last) as Record<string, Figure>)[name];
  if (!figure) throw new Error(`${name} printed no figure: ${last}`);
  return figure;
}

function reasonOf(error: Error): string {
  return error.message.split('\n').findLast(text => /^(\w*Error|Error): /.test(text.trim())) ?? 'it failed';
}

function line(name: string, { value, unit, baseline, ratio, note }: Figure): string {
  const text = `${name.padEnd(18)} ${format(value)} ${unit}  baseline ${format(baseline)}  ratio ${ratio.toFixed(2)}`;
  return note ? `${text}  (${note})` : text;
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 }).padStart(10);
}
