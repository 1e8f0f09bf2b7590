/**
 * Benchmarks: ours against a baseline measured in the same run, the two in turn, medians of the rounds.
 * `npm run bench` runs all, `npm run bench -- NAME...` some, `--json` prints one JSON object.
 */
import { benchmarks } from './index.ts';
import type { Figure } from './measure.ts';

const json = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
const unknown = wanted.filter(name => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

const results: Record<string, Figure> = {};
for (const [name, run] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const figure = await run();
  results[name] = figure;
  if (!json) console.log(line(name, figure));
}
if (json) console.log(JSON.stringify(results));

function line(name: string, { value, unit, baseline, ratio, note }: Figure): string {
  const text = `${name.padEnd(18)} ${format(value)} ${unit}  baseline ${format(baseline)}  ratio ${ratio.toFixed(2)}`;
  return note ? `${text}  (${note})` : text;
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 }).padStart(10);
}
