import { spawn } from 'node:child_process';
import type { EngineName } from '../../runtime/sandbox/engines/engine.ts';
import { loaderWith } from '../../runtime/sandbox/host/bundle.ts';
import { createFrameReader, frameOf } from '../../runtime/sandbox/host/frames.ts';
import { HEAP_MB, startCommand } from '../../runtime/sandbox/host/layers.ts';

const LARGEST_FRAME = 64 * 1024 * 1024;
const MAX_BUFFER = 32 * 1024 * 1024;
const WITHIN_MS = 60_000;
const ASKED = `const { kept } = require('node:vm');
return ['kvflow-worker.js', 'realm.js'].map(name => kept.get(name).createCachedData().toString('base64'));`;

/**
 * V8's compiled code of a program and of what runs in its realm, of a worker that is ready: with all that a start calls. It is good for
 * workers of the same version of Node, started with the same flags of V8; with others V8 refuses it, and compiles.
 */
export async function compiledCode(engine: EngineName, program: string): Promise<[Buffer, Buffer]> {
  const options = { maxBuffer: MAX_BUFFER, raw: true, engine };
  const loader = `globalThis.require = (${keepScripts})(require);\n${loaderWith({ options })}`;
  const noLocks = { platform: process.platform, prlimit: undefined, setpriv: undefined, taskset: undefined };
  const { file, args } = startCommand({ ...noLocks, dropUid: false }, loader, { heapMb: HEAP_MB });
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: WITHIN_MS });
  const made = Promise.withResolvers<[string, string]>();
  child.on('error', made.reject);
  child.on('close', () => made.reject(new Error(`a worker of ${engine} ended before it had its code told`)));
  const reader = createFrameReader(LARGEST_FRAME, (kind, text) => {
    if (kind === 'r') child.stdin.write(frameOf('X', ASKED));
    if (kind === 'X') made.resolve(JSON.parse(text));
    return true;
  });
  child.stdout.on('data', (chunk: Buffer) => reader.feed(chunk));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(Buffer.byteLength(program));
  child.stdin.write(head);
  child.stdin.write(program);
  try {
    const [own, realm] = await made.promise;
    return [Buffer.from(own, 'base64'), Buffer.from(realm, 'base64')];
  } finally {
    child.kill('SIGKILL');
  }
}

/** Keeps the first script of each name. Sent to the worker as source text. */
function keepScripts(require: NodeJS.Require): NodeJS.Require {
  const vm = require('node:vm') as typeof import('node:vm');
  const kept = new Map<string, import('node:vm').Script>();
  class Script extends vm.Script {
    constructor(code: string, options: import('node:vm').ScriptOptions) {
      super(code, options);
      if (!kept.has(options.filename ?? '')) kept.set(options.filename ?? '', this);
    }
  }
  const keeping = { ...vm, Script, kept };
  const requireOf = (name: string): unknown => (/^(node:)?vm$/.test(name) ? keeping : require(name));
  return Object.assign(requireOf, require);
}
