/**
 * Benchmarks: ours against a baseline measured in the same run, the two in turn, medians of the rounds.
 * `npm run bench` runs all, `npm run bench -- NAME...` some, `--json` prints one JSON object. Each runs in a process of its
 * own: what another left behind, its heap and what the compiler learnt from it, would be part of the figure.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { benchmarks } from './index.ts';
import type { Figure } from './measure.ts';

const json = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
const unknown = wanted.filter(name => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

const names = Object.keys(benchmarks).filter(name => wanted.length === 0 || wanted.includes(name));
const results: Record<string, Figure> = {};
for (const name of names) {
  const run = names.length === 1 ? benchmarks[name] : undefined;
  const figure = run ? await run() : await inOwnProcess(name);
  results[name] = figure;
  if (!json) console.log(line(name, figure));
}
if (json) console.log(JSON.stringify(results));

async function inOwnProcess(name: string): Promise<Figure> {
  const args = [...process.execArgv, import.meta.filename, name, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const figure = (JSON.parse(last) as Record<string, Figure>)[name];
  if (!figure) throw new Error(`${name} printed no figure: ${last}`);
  return figure;
}

function line(name: string, { value, unit, baseline, ratio, note }: Figure): string {
  const text = `${name.padEnd(18)} ${format(value)} ${unit}  baseline ${format(baseline)}  ratio ${ratio.toFixed(2)}`;
  return note ? `${text}  (${note})` : text;
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 }).padStart(10);
}
