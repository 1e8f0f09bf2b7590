#!/usr/bin/env node
import { keepCompiledCode } from './compile-cache.ts';
import { growHeapSlowly } from './heap.ts';

keepCompiledCode(process.env);
growHeapSlowly();
// Only now: what is kept of earlier starts is used from here on.
const { runCommandLine } = await import('../../main/command-line.ts');
// Once nothing is left to do: taking apart what is in memory only takes time.
process.once('beforeExit', () => process.exit());
// Not process.exit: it would cut off what a pipe has not taken yet.
process.exitCode = await runCommandLine(process);
