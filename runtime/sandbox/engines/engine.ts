/** What scripts are kept apart by inside of their process. */
export type EngineName = 'vm2' | 'context';

/** Runs texts in the realm of the scripts. With every engine the process is what keeps scripts in. */
export interface Engine {
  /** What the text evaluates to. */
  run(code: string, filename: string, made?: MadeOf): unknown;
  /** What a script may not contain, since this engine has no answer to it: kinds of nodes of a syntax tree. */
  forbidden: string[];
}

/** What was made of a text before it is run. */
export interface MadeOf {
  /** The parent has prepared it for this engine. */
  isPrepared?: boolean;
  /** V8's compiled code of it: it takes the text where that does not fit. */
  compiled?: Buffer | undefined;
}

/** What engines are made of. */
export interface EngineParts {
  /** Requires a package that came with the worker's program; `builtins` answers what is not of it. */
  load(name: string, builtins: (name: string) => unknown): unknown;
  /** Node's own modules. */
  require(name: string): unknown;
  /** Largest single `Buffer` that a script may make, in bytes. */
  maxBuffer: number;
}

/** Makes an engine with a realm of its own. */
export type MakeEngine = (parts: EngineParts) => Engine;

/** Node's module `vm`. */
export type Vm = typeof import('node:vm');

/** Makes a context whose global object is its own, and so can be frozen; Node's types have no name for the constant. */
export function plainContext(vm: Vm, options: object): import('node:vm').Context {
  const { DONT_CONTEXTIFY } = vm.constants as unknown as { DONT_CONTEXTIFY: object };
  return vm.createContext(DONT_CONTEXTIFY, options);
}
