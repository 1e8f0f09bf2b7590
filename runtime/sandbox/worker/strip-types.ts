/** Where a script cannot be parsed: 1-based line and column in the user's own text. */
export interface SyntaxFault {
  message: string;
  line: number;
  column: number;
}

/** JavaScript of the same length, line for line, or why the text is no TypeScript. */
export type StripTypes = (script: string, isModule: boolean) => { text: string } | { fault: SyntaxFault };

/**
 * Builds it over Node's own type stripping, which is WebAssembly: given back to Node for as long as it strips.
 * Sent to the worker as source text: refers to nothing outside itself.
 */
export function makeStripTypes(require: NodeJS.Require): StripTypes {
  const { stripTypeScriptTypes } = require('node:module') as typeof import('node:module');
  const globals = globalThis as { WebAssembly?: unknown };
  const { WebAssembly } = globals;

  const strip = (code: string): string => {
    Object.defineProperty(globals, 'WebAssembly', { value: WebAssembly, configurable: true, writable: true });
    try {
      return stripTypeScriptTypes(code);
    } finally {
      Reflect.deleteProperty(globals, 'WebAssembly');
    }
  };
  /** Its stack begins with `:line`, that line, and carets under what is at fault. */
  const faultOf = (error: unknown): SyntaxFault => {
    const { message, stack } = error as { message?: string; stack?: string };
    const lines = String(stack).split('\n');
    const carets = lines.find(line => /^ *\^+ *$/.test(line)) ?? '^';
    const [line = '1'] = /\d+$/.exec(lines[0] ?? '') ?? [];
    return { message: `SyntaxError: ${message}`, line: Number(line), column: carets.indexOf('^') + 1 };
  };
  const wrapped = (head: string, script: string, tail: string): { text: string } | { fault: SyntaxFault } => {
    try {
      const out = strip(`${head}\n${script}\n${tail}`);
      return { text: out.slice(head.length + 1, out.length - tail.length - 1) };
    } catch (error) {
      const { message, line, column } = faultOf(error);
      return { fault: { message, line: Math.max(1, line - 1), column } };
    }
  };

  return (script, isModule) => {
    if (isModule) return wrapped('', script, '');
    const body = wrapped('async function main(){', script, '}');
    if ('text' in body) return body;
    const expression = wrapped('async()=>(', script, ')');
    return 'text' in expression ? expression : body;
  };
}
