import { type EngineParts, type MakeEngine, plainContext, type Vm } from './engine.ts';

/** What vm2 exports, as far as it is used here: nothing but its documented entry is. */
interface Vm2 {
  VM: new (options: {
    eval: boolean;
    wasm: boolean;
    bufferAllocLimit: number;
  }) => { run(script: object): unknown };
  VMScript: new (code: string, options: { filename: string; lineOffset?: number }) => { compile(): unknown };
}

/** Every object that crosses is stood for by another, and every script is rewritten where it could catch what is the host's. */
export const makeVm2Engine: MakeEngine = parts => {
  const vm = parts.require('node:vm') as Vm;
  const prepared = new Map<string, { code: string; compiled: Buffer | undefined }>();
  /** vm2 compiles by it; a text that stands for one that is rewritten already is taken for that. */
  class Script extends vm.Script {
    constructor(code: string, options: import('node:vm').ScriptOptions) {
      const given = prepared.get(code);
      super(given?.code ?? code, given?.compiled ? { ...options, cachedData: given.compiled } : options);
    }
  }
  const createContext = (sandbox: object | undefined, options: object) =>
    sandbox === undefined ? plainContext(vm, options) : vm.createContext(sandbox, options);
  const { VM, VMScript } = loadVm2(parts, { ...vm, Script, createContext } as Vm);
  const realm = new VM({ eval: false, wasm: false, bufferAllocLimit: parts.maxBuffer });
  return {
    forbidden: [],
    run(code, filename, { isPrepared = false, compiled } = {}) {
      if (!isPrepared) return realm.run(new VMScript(code, { filename, lineOffset: -1 }));
      const stand = `'prepared ${prepared.size}'`;
      prepared.set(stand, { code, compiled });
      try {
        return realm.run(new VMScript(stand, { filename }));
      } finally {
        prepared.delete(stand);
      }
    },
  };
};

/**
 * Makes what rewrites a text as vm2 does each that it runs. Of a large one that takes longer than a script may, so it is
 * done once in the parent, for all workers.
 */
export function makeVm2Preparer(parts: Pick<EngineParts, 'load' | 'require'>): (code: string) => string {
  let last = '';
  /** Stands for what compiles a text, which is not wanted here. */
  class Script {
    constructor(code: string) {
      last = code;
    }
  }
  const vm = parts.require('node:vm') as Vm;
  const { VMScript } = loadVm2(parts, { ...vm, Script } as unknown as Vm);
  return code => {
    new VMScript(code, { filename: 'prepared.js' }).compile();
    return last;
  };
}

function loadVm2({ load, require }: Pick<EngineParts, 'load' | 'require'>, vm: Vm): Vm2 {
  return load('vm2', name => (/^(node:)?vm$/.test(name) ? vm : require(name))) as Vm2;
}
