import { type MakeEngine, plainContext, type Vm } from './engine.ts';

/**
 * A plain context of Node, which no object of the host is put into: nothing is rewritten, and what leads to the host,
 * `import()`, is refused.
 */
export const makeContextEngine: MakeEngine = ({ require }) => {
  const vm = require('node:vm') as Vm;
  const context = plainContext(vm, { codeGeneration: { strings: false, wasm: false } });
  return {
    forbidden: ['ImportExpression'],
    run: (code, filename, { compiled } = {}) =>
      new vm.Script(code, { filename, lineOffset: -1, cachedData: compiled }).runInContext(context),
  };
};
