import type { Engine, EngineParts } from '../engines/engine.ts';
import type { GuestRuntime, ScriptMain } from '../guest/types.ts';
import type { Acorn } from './acorn.ts';
import { makeCompiler, type Prepared } from './compile.ts';
import { disarm } from './disarm.ts';
import { createFrameInput } from './frame-input.ts';
import { createFrameOutput } from './frame-output.ts';
import type { Listen } from './loader.ts';
import { makeModuleRewriter } from './module-text.ts';
import { makeStripTypes } from './strip-types.ts';

/** What the worker runs with. */
export interface HostParts {
  require: NodeJS.Require;
  process: NodeJS.Process;
  /** Bytes that came after the bundle. */
  rest: Buffer;
  listen: Listen;
  /** The text of the realm, prepared for the engine. */
  realm: string;
  /** V8's compiled code of it, where there is some. */
  realmCode?: Buffer | undefined;
  engine: Engine;
  /** Requires a package that came with the program. */
  load: EngineParts['load'];
  /** Only in tests: frames of kind X run as plain code in this process, as code after an escape would. */
  raw: boolean;
}

/**
 * The worker's main function: frames in, frames out, the realm in between. It holds no secret and decides nothing the
 * parent relies on.
 */
export function runHost(parts: HostParts): void {
  const { require, process } = parts;
  const fs = require('node:fs') as typeof import('node:fs');
  const vm = require('node:vm') as typeof import('node:vm');
  const SLICE_MS = 20;
  const HEARTBEAT_MS = 100;
  const WARM_ROUNDS = 3;
  const WARM_UP = 0;
  const IDLE_MS = 1_000;

  const { engine } = parts;
  const compiler = makeCompiler({
    acorn: parts.load('acorn', require) as Acorn,
    rewrite: makeModuleRewriter(),
    strip: makeStripTypes(require),
    forbidden: engine.forbidden,
  });
  const guest = engine.run(parts.realm, 'realm.js', {
    isPrepared: true,
    compiled: parts.realmCode,
  }) as GuestRuntime;
  // Asked for once: each time the engine would look for what stands for them.
  const { run, step, tick, drain, part, due: untilDue } = guest;
  // Its first line is the line before a script's own.
  const evaluate = (code: string): unknown => engine.run(`\n${code}`, 'realm.js');
  const globals = new Set((evaluate('Reflect.ownKeys(globalThis).join("\\n")') as string).split('\n'));

  const output = createFrameOutput((bytes, from) => {
    try {
      return fs.writeSync(1, bytes, from, bytes.length - from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(0);
      return 0;
    }
  });
  const write = (kind: string, text: string): void => output.write(kind + text);

  const compile = (text: string, names: string[], filename: string) => {
    const prepared = compiler.prepare(text, names, globals);
    return { ...prepared, factory: engine.run(prepared.code, filename) as (values: unknown) => ScriptMain };
  };

  let lastWrite = 0;
  /** Says that it is at work, unless it has just said something. */
  const beat = (): void => {
    const time = Date.now();
    if (time - lastWrite < HEARTBEAT_MS) return;
    lastWrite = time;
    write('H', '');
  };

  interface Source {
    /** What errors call it: `main.js`, `script 2`, `lib:name@3`. */
    name: string;
    code: string;
  }
  interface Definition {
    id: number;
    /** An event goes through all of them. */
    scripts: Source[];
    libraries: Source[];
    packages: { name: string; code: string; isFresh: boolean }[];
    variables: string;
    secrets: string;
    names: string[];
    flags: Record<string, unknown>;
  }
  const define = (text: string): void => {
    const { id, scripts, libraries, packages, variables, secrets, names, flags } = JSON.parse(
      text,
    ) as Definition;
    const frozen = (json: string): unknown =>
      evaluate(`JSON.parse(${JSON.stringify(json)}, (k, v) => Object.freeze(v))`);
    const values = frozen(variables);
    const given = frozen(secrets);
    let at = 'main.js';
    // It works, and no script runs yet: each part has its time.
    const compiled = ({ name, code }: Source) => {
      at = name;
      beat();
      return { name, ...compile(code, names, name) };
    };
    try {
      for (const { name, code, isFresh } of packages) {
        addPackage(name, code, isFresh);
        beat();
      }
      const all = [...libraries.map(compiled), ...scripts.map(compiled)];
      guest.define(id, JSON.stringify({ ...flags, ...flagsOf(all) }), values, given);
      for (const [place, { name, kind, factory }] of all.entries())
        guest.add(id, factory(values), kind, place < libraries.length ? name : '');
    } catch (error) {
      const { message, line, column } = compiler.fault(error);
      const place = `${at === 'main.js' ? '' : `${at}:`}${line}:${column}`;
      const fault = { message: `${message} (${place})`, stack: `  at main (${place})` };
      guest.define(id, JSON.stringify({ ...flags, error: fault }), values, given);
    }
    if (id === WARM_UP) return;
    lastWrite = Date.now();
    write('d', '');
  };
  const known = new Set<string>();
  const addPackage = (name: string, code: string, isFresh: boolean): void => {
    if (known.has(name)) return;
    const made = engine.run(code, `package ${name}`, { isPrepared: true });
    guest.addPackage(name, made, isFresh);
    known.add(name);
  };
  const flagsOf = (all: Prepared[]) => {
    const some = (name: 'kv' | 'console' | 'timers' | 'context' | 'more' | 'promises' | 'spreads') =>
      all.some(prepared => prepared[name]);
    return {
      kv: some('kv'),
      console: some('console'),
      timers: some('timers'),
      context: some('context'),
      more: some('more'),
      promises: some('promises'),
      spreads: some('spreads'),
      alone: all.every(({ alone }) => alone),
      idle: all.length === 1 && all[0]?.idle !== undefined,
    };
  };
  const check = (text: string): void => {
    const { id, script, names } = JSON.parse(text) as { id: number; script: string; names: string[] };
    try {
      const { idle, kind } = compile(script, names, 'main.js');
      write('C', JSON.stringify([id, null, idle ?? null, kind]));
    } catch (error) {
      write('C', JSON.stringify([id, compiler.fault(error)]));
    }
  };
  /** What is told of it is read without running any code of the script's. */
  const rejected = (reason: unknown): void => {
    const { types } = require('node:util') as typeof import('node:util');
    const own = (name: string): string | undefined => {
      const value: unknown = Object.getOwnPropertyDescriptor(reason, name)?.value;
      return typeof value === 'string' ? value : undefined;
    };
    let what =
      typeof reason === 'symbol' ? 'a symbol' : String(typeof reason === 'object' ? 'an object' : reason);
    if (typeof reason === 'function') what = 'a function';
    if (types.isNativeError(reason) && !types.isProxy(reason)) what = `Error: ${own('message') ?? ''}`;
    guest.rejected(what.slice(0, 500));
  };

  let timer: NodeJS.Timeout | undefined;
  let scheduled = false;
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };
  const flush = (): void => {
    for (let frame = drain(); frame !== ''; frame = drain()) {
      if (frame.startsWith('L')) output.writeList(frame, part);
      else output.write(frame);
      lastWrite = Date.now();
    }
  };
  /** One turn: start what is queued, let microtasks run, hand over what is done, ask for the next turn. */
  const turn = (): void => {
    scheduled = false;
    tick();
    const until = Date.now() + SLICE_MS;
    let more = true;
    // What a frame came to leaves before the next is begun: so the parent works on one while this works on the other.
    for (; more && Date.now() < until; flush()) more = step(until);
    const due = untilDue();
    if (more || due >= 0) beat();
    if (more) schedule();
    if (more || due < 0) return;
    // Microtasks of what was just started run before the immediate; its flush hands over what they finished.
    setImmediate(flush);
    clearTimeout(timer);
    timer = setTimeout(schedule, Math.max(1, due));
  };

  const raw = (text: string): void => {
    const send = (value: unknown): void => write('X', JSON.stringify(value) ?? 'null');
    try {
      const run = vm.runInThisContext(
        `(async function (require, process, guest, write, send) { ${text}\n })`,
      ) as (...args: unknown[]) => Promise<unknown>;
      run(require, process, guest, fs.writeSync, send).then(send, error => send({ error: String(error) }));
    } catch (error) {
      send({ error: String(error) });
    }
  };

  /** The parent hears that its events are left: it gives up a worker that does not come to it. */
  const cancel = (text: string): void => {
    guest.abort(text);
    write('a', '');
  };
  const handle = (kind: string, text: string): void => {
    if (kind === 'R') run(text);
    else if (kind === 'K') guest.reply(text);
    else if (kind === 'A') guest.abort(text);
    else if (kind === 'Q') cancel(text);
    else if (kind === 'D') define(text);
    else if (kind === 'F') guest.forget(Number(text));
    else if (kind === 'C') check(text);
    else if (kind === 'X' && parts.raw) raw(text);
  };

  const input = createFrameInput(parts.rest.length, { onFrame: handle, onEnd: turn });

  process.on('uncaughtException', () => {});
  process.on('unhandledRejection', reason => {
    rejected(reason);
    schedule();
  });
  if (!parts.raw) disarm(process);
  // It is locked meanwhile.
  write('l', '');
  warmUp();
  collectOnceIdle();
  write('r', '');
  parts.listen(input.came, input.room);
  input.came(parts.rest.copy(input.room()));

  /** The first script of a worker would wait until all that compiles and runs scripts is compiled itself: one of nobody's goes first. */
  function warmUp(): void {
    lastWrite = Date.now();
    const code = 'const { a = 1, ...rest } = $; return { ...rest, a, list: [a].map(n => n + 1) }';
    const limits = {
      logLines: 1,
      logBytes: 1,
      resultBytes: 1000,
      eventsOut: 1,
      kvOperations: 1,
      kvValueBytes: 1,
      kvTtlMs: 1,
    };
    define(JSON.stringify({
      id: WARM_UP,
      scripts: [{ name: 'main.js', code }],
      libraries: [],
      packages: [],
      variables: '{}',
      secrets: '{}',
      names: [],
      flags: { timeoutMs: 1000, limits },
    }));
    for (let round = 0; round < WARM_ROUNDS; round++) {
      run(`{"s":0,"b":-1,"r":"${'0'.repeat(64)}","l":[7]}\n{"b":2}`);
      for (let more = true; more; ) more = step(Number.POSITIVE_INFINITY);
      drain();
    }
    guest.forget(WARM_UP);
  }

  /** Loading leaves much garbage behind: it goes once nothing was said for a second, so that nobody waits for that. */
  function collectOnceIdle(): void {
    const timer = setInterval(() => {
      if (Date.now() - lastWrite < IDLE_MS) return;
      clearInterval(timer);
      collectGarbage();
    }, IDLE_MS);
  }

  function collectGarbage(): void {
    const v8 = require('node:v8') as typeof import('node:v8');
    v8.setFlagsFromString('--expose-gc');
    (vm.runInNewContext('gc') as (options: object) => void)({ type: 'major', flavor: 'last-resort' });
    v8.setFlagsFromString('--no-expose-gc');
  }
}
