import { spawn } from 'node:child_process';
import { closeSync, readSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { loaderWith } from '../../../runtime/sandbox/host/bundle.ts';
import { createFrameReader } from '../../../runtime/sandbox/host/frames.ts';
import {
  codeFile,
  codePath,
  keptProgram,
  markOf,
  openProgram,
  programPath,
} from '../../../runtime/sandbox/host/kept-program.ts';
import { HEAP_MB, startCommand } from '../../../runtime/sandbox/host/layers.ts';
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

const OPTIONS = { maxBuffer: 1024, raw: false, engine: 'vm2' } as const;
const NO_LOCKS = { platform: process.platform, prlimit: undefined, setpriv: undefined, taskset: undefined };

/** Starts what a worker is started with, on a program that is open; answers what it writes until it is ready, or ends. */
async function started(loader: string, fds: number[]): Promise<string> {
  const { file, args } = startCommand({ ...NO_LOCKS, dropUid: false }, loader, { heapMb: HEAP_MB });
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit', ...fds] });
  let told = '';
  const ended = Promise.withResolvers<void>();
  const reader = createFrameReader(10_000, (kind, text) => {
    told += kind + text;
    if (kind === 'r') child.kill('SIGKILL');
    return true;
  });
  child.stdout?.on('data', (chunk: Buffer) => reader.feed(chunk));
  child.on('close', () => ended.resolve());
  child.stdin?.write(Buffer.alloc(4));
  await ended.promise;
  return told;
}

/** What V8 says to the code of a program: whether it refuses either. Runs in the worker's place. */
const TELL_REFUSED = `() => {
  const { Script } = require('node:vm');
  const { readSync, writeSync } = require('node:fs');
  const readAt = (fd, from, size) => { const bytes = Buffer.alloc(size); readSync(fd, bytes, 0, size, from); return bytes; };
  const { size, code, mark } = START;
  const [own, inRealm] = readAt(3, 0, size).toString('latin1').split(mark);
  const refused = [[own, code.from, code.own], [inRealm, code.from + code.own, code.realm]].map(
    ([text, from, size]) => new Script(text, { cachedData: readAt(4, from, size) }).cachedDataRejected);
  const text = 'r' + JSON.stringify(refused);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(text.length);
  writeSync(1, Buffer.concat([head, Buffer.from(text)]));
  process.stdin.resume();
}`;

test('worker program - V8 takes the compiled code that the build left', async () => {
  const opened = await programOfSources('vm2', openProgram);
  const { fd, size, code } = opened;
  if (!code) throw new Error('there is no code');
  try {
    const start = JSON.stringify({ size, code, mark: REALM_MARK });
    expect(await started(`(${TELL_REFUSED.replace('START', () => start)})()`, [fd, code.fd])).toBe(
      'r[false,false]',
    );
  } finally {
    closeSync(fd);
    closeSync(code.fd);
  }
});

test('worker program - code of another program, and one that is cut off, is none', async () => {
  await using made = await oneProgram('the program');
  const { path, first, open } = made;
  const parts = [Buffer.from('its own'), Buffer.from('of the realm')] as const;
  await writeFile(codePath(path), codeFile(first, parts));
  const code = open()?.code;
  expect(code).toMatchObject({ own: 7, realm: 12 });
  const own = Buffer.alloc(7);
  readSync(code?.fd ?? -1, own, 0, 7, code?.from ?? 0);
  expect(own.toString()).toBe('its own');
  await writeFile(codePath(path), codeFile(first, parts).subarray(0, -1));
  expect(open()?.code).toBeUndefined();
  await writeFile(codePath(path), codeFile(first.replace(/[0-9a-f]\n$/, 'x\n'), parts));
  expect(open()?.code).toBeUndefined();
  await writeFile(codePath(path), '');
  expect(open()?.code).toBeUndefined();
});

test('worker program - code that V8 refuses costs a worker nothing but its time', async () => {
  const text = await programOfSources('vm2', keptProgram);
  await using made = await oneProgram(text.slice(text.indexOf('(function')));
  const { path, first, open } = made;
  const parts = [Buffer.alloc(500_000, 'no code'), Buffer.alloc(9)] as const;
  await writeFile(codePath(path), codeFile(first, parts));
  const opened = open();
  if (!opened?.code) throw new Error('it is not opened');
  const { fd, size, code } = opened;
  const loader = loaderWith({ options: OPTIONS, file: { fd: 3, size, code: { ...code, fd: 4 } } });
  expect(await started(loader, [fd, code.fd])).toBe('lr');
});

/** A program in a folder of its own; what was opened is closed with it. */
async function oneProgram(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
  const path = programPath('vm2', folder);
  const head = programHead();
  const first = head + markOf('0123456789abcdef'.repeat(4));
  await writeFile(path, first + text);
  const fds: number[] = [];
  return {
    path,
    first,
    open() {
      const opened = openProgram(path, head);
      for (const file of [opened, opened?.code]) if (file) fds.push(file.fd);
      return opened;
    },
    [Symbol.asyncDispose]: async () => {
      for (const fd of fds) closeSync(fd);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
