/** What scripts are kept apart by inside of their process. */
export type EngineName = 'vm2' | 'context';

/** Runs texts in the realm of the scripts. */
export interface Engine {
  /** `isGuarded`: a package that the parent has prepared for this engine. */
  run(code: string, filename: string, isGuarded?: boolean): unknown;
  /** What a script may not contain, since this engine has no answer to it. */
  forbidden: string[];
}

/** What engines are made of. */
export interface EngineParts {
  vm: typeof import('node:vm');
  /** Requires one of vm2's own files, out of the bundle. */
  load(name: string): unknown;
  /** Largest single `Buffer` of vm2's, in bytes. */
  maxBuffer: number;
}

/** The engines by their names; each makes a realm of its own. */
export type Engines = Record<EngineName, (parts: EngineParts) => Engine>;

/**
 * `vm2`: every object that crosses is stood for by another, and every script is rewritten where it could catch what is the
 * host's. `context`: a plain context of Node, which no object of the host is put into; nothing is rewritten, and what
 * leads to the host, `import()`, is refused. With both the process is what keeps scripts in. Sent to the worker as source
 * text: refers to nothing outside itself.
 */
export function makeEngines(): Engines {
  return {
    vm2({ load, maxBuffer }) {
      const { VM } = load('./vm') as { VM: new (options: object) => { run(code: unknown): unknown } };
      const { VMScript } = load('./script') as { VMScript: new (code: string, options: object) => object };
      const realm = new VM({ eval: false, wasm: false, bufferAllocLimit: maxBuffer });
      return {
        forbidden: [],
        run(code, filename, isGuarded = false) {
          if (!isGuarded) return realm.run(new VMScript(code, { filename, lineOffset: -1 }));
          // With the same vm2 that prepared it.
          return realm.run(Object.assign(new VMScript('', { filename }), { _compiledCode: code }));
        },
      };
    },
    context({ vm }) {
      const { DONT_CONTEXTIFY } = vm.constants as unknown as { DONT_CONTEXTIFY: object };
      const context = vm.createContext(DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
      return {
        forbidden: ['ImportExpression'],
        run: (code, filename) => new vm.Script(code, { filename, lineOffset: -1 }).runInContext(context),
      };
    },
  };
}
