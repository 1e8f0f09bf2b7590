#!/usr/bin/env node
import { runCli } from './cli.ts';
import { keepCompiledCode } from './compile-cache.ts';
import { growHeapSlowly } from './heap.ts';
import { processIo } from './io.ts';

keepCompiledCode(process.env);
growHeapSlowly();
const { createCliHost } = await import('../../main/cli-host.ts');
const host = createCliHost({ env: process.env, cwd: process.cwd() });
// Not process.exit: it would cut off what a pipe has not taken yet.
process.exitCode = await runCli(process.argv.slice(2), host, processIo());
