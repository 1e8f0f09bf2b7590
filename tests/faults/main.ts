/**
 * `npm run test:faults`: every fault, one after the other, and a table of what became of the load. `-- leader disk` runs those
 * whose names contain a word; `-- --write` puts the table into docs/guarantees.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAULTS, Skipped } from './faults.ts';
import type { Row } from './run-fault.ts';
import { runFault } from './run-fault.ts';
import { table } from './table.ts';

const PAGE = join(import.meta.dirname, '../../docs/guarantees.md');
const TIMING = { beforeMs: 3_000, afterMs: 12_000, heldMs: 4_000, kvflows: 3 };

const words = process.argv.slice(2).filter(word => !word.startsWith('--'));
const rows: Row[] = [];
const skipped = new Map<string, string>();
for (const fault of FAULTS) {
  if (words.length > 0 && !words.some(word => fault.name.includes(word))) continue;
  try {
    const row = await runFault(fault, TIMING);
    rows.push(row);
    console.log(table([row], new Map()).split('\n').at(-1));
    if (process.argv.includes('--slow')) console.log(row.slow.join('\n'));
    for (const [kind, faults] of Object.entries(row.verdict)) {
      for (const one of faults.slice(0, 5)) console.log(`  ${kind}: ${one}`);
    }
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    skipped.set(fault.name, error.message);
  }
}
const text = table(rows, skipped);
console.log(`\n${text}`);
if (process.argv.includes('--write')) {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, page.replace(/(<!-- faults -->\n)[\s\S]*?(\n<!-- \/faults -->)/, `$1\n${text}\n$2`));
}
process.exitCode = rows.some(({ verdict }) => Object.values(verdict).some(faults => faults.length > 0))
  ? 1
  : 0;
