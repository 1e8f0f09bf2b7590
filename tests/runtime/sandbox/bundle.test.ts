import { closeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { keptProgram, openProgram, programPath } from '../../../runtime/sandbox/host/kept-program.ts';
import { packagesText } from '../../../runtime/sandbox/host/package-files.ts';
import { programHead, REALM_MARK } from '../../../runtime/sandbox/host/program.ts';
import { programOfSources, sourcesWord } from '../../../runtime/sandbox/host/program-of-sources.ts';

test('worker program - what the build left is taken, unless a package in it was updated since, or a source', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
  try {
    const path = programPath('context', folder);
    const head = programHead(sourcesWord());
    expect(keptProgram(path, head) ?? openProgram(path, head)).toBeUndefined();
    await writeFile(path, `${head}the program`);
    expect(keptProgram(path, head)).toBe('the program');
    const opened = openProgram(path, head);
    expect(opened?.size).toBe(Buffer.byteLength(`${head}the program`));
    closeSync(opened?.fd ?? -1);
    await writeFile(path, `${head.replace(/vm2 \S+/, 'vm2 3.0.0,')}the program`);
    expect(keptProgram(path, head) ?? openProgram(path, head)).toBeUndefined();
    await writeFile(path, `${programHead('sources of another time')}the program`);
    expect(keptProgram(path, head)).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('worker program - what runs in the realm stands behind it, where nothing else reads it', async () => {
  const parts = (await programOfSources('vm2', keptProgram)).split(REALM_MARK);
  expect(parts.map(part => /\bopenRealm\b/.test(part))).toEqual([false, true]);
});

test('worker program - vm2 is taken by its public entry, with what it depends on and nothing else, without comments', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('vm2/package.json'));
  const tools = { parse: require('acorn').parse, full: require('acorn-walk').full };
  const text = packagesText([{ name: 'vm2', require }], tools);
  expect(text).not.toContain('SECURITY');
  expect(text.length).toBeLessThan(1_000_000);
  const load = runInThisContext(text) as (name: string, builtins: NodeJS.Require) => typeof import('vm2');
  const { VM, VMScript } = load('vm2', require);
  const made = new VM({ eval: false, wasm: false }).run(
    new VMScript('({ sum: [1, 2].reduce((a, b) => a + b) })'),
  );
  expect(made.sum).toBe(3);
});
