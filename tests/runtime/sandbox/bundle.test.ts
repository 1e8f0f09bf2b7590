import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  builtProgram,
  builtProgramPath,
  programHead,
  workerProgram,
} from '../../../runtime/sandbox/host/bundle.ts';

test('worker program - what the build left is taken, unless a package in it was updated since', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
  try {
    const path = builtProgramPath('context', folder);
    expect(builtProgram(path)).toBeUndefined();
    const program = workerProgram('context');
    await writeFile(path, programHead() + program);
    expect(builtProgram(path)).toBe(program);
    await writeFile(path, programHead().replace(/vm2 \S+/, 'vm2 3.0.0,') + program);
    expect(builtProgram(path)).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
