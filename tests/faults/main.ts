/**
 * `npm run test:faults`: every fault, one after the other, a table of what became of the load, and two kvflows that are restarted in
 * turn ten times. `-- leader disk` runs those faults alone whose names contain a word; `-- --write` puts the table into
 * docs/guarantees.md, the rows of the faults that ran in place of theirs; `-- --slow` names every call that took more than a second.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAULTS, Skipped } from './faults.ts';
import type { Row } from './run-fault.ts';
import { runFault } from './run-fault.ts';
import { BEYOND_MS, beyondOf, table, withTable } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/guarantees.md');
const TIMING = { beforeMs: 3_000, afterMs: 12_000, heldMs: 4_000, kvflows: 3 };

const words = process.argv.slice(2).filter(word => !word.startsWith('--'));
const has = (option: string) => process.argv.includes(option);
const rows: Row[] = [];
const skipped = new Map<string, string>();
for (const fault of FAULTS) {
  if (words.length > 0 && !words.some(word => fault.name.includes(word))) continue;
  try {
    const row = await runFault(fault, TIMING);
    rows.push(row);
    tell(row);
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    skipped.set(fault.name, error.message);
  }
}
console.log(`\n${table(rows, skipped)}`);
if (has('--write')) await writeFile(PAGE, withTable(await readFile(PAGE, 'utf8'), rows, skipped));
const isWrong = rows.some(
  row => beyondOf(row) > BEYOND_MS || Object.values(row.verdict).some(faults => faults.length > 0),
);
const restarted = words.length > 0 || (await restarts());
process.exitCode = isWrong || !restarted ? 1 : 0;

function tell(row: Row): void {
  console.log(table([row], new Map()).split('\n').at(-1));
  if (has('--slow')) {
    for (const { name, began, ended, answer } of row.slow)
      console.log(`  ${name} ${ended - began} ms, from ${began} ${answer}`);
  }
  for (const [kind, faults] of Object.entries(row.verdict)) {
    for (const one of faults.slice(0, 5)) console.log(`  ${kind}: ${one}`);
  }
  const beyond = beyondOf(row);
  if (beyond > BEYOND_MS) console.log(`  a call took ${beyond} ms longer than the outages that it met`);
}

async function restarts(): Promise<boolean> {
  const args = [join(ROOT, 'scripts/test.ts'), 'tests/faults/restarts'];
  const env = { ...process.env, KVFLOW_RESTARTS: '10' };
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit', env }), 'exit');
  return code === 0;
}
