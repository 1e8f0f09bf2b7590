/** Where a script cannot be parsed: 1-based line and column in the user's own text. */
export interface SyntaxFault {
  message: string;
  line: number;
  column: number;
  /** It is TypeScript, of the kind that is more than types. */
  isTypeScript?: boolean;
}

/** JavaScript of the same length, line for line, or why the text is no TypeScript. */
export type StripTypes = (script: string, isModule: boolean) => { text: string } | { fault: SyntaxFault };

/**
 * Builds it over Node's own type stripping, which is WebAssembly: given back to Node for as long as it strips.
 *
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
  /** What to write in place of TypeScript that has code of its own, by what Node says of it. */
  const INSTEAD: [said: RegExp, advice: string][] = [
    [/ enum /, 'Write an object in its place, such as const Kind = { A: 0, B: 1 }.'],
    [/ (namespace|module) /, 'Write an object or plain functions in its place.'],
    [/ parameter property /, 'Declare the property in the class and set it in the constructor.'],
    [/ import | export /, "Write import x from 'y' and export default in its place."],
  ];
  const isUnsupported = (error: unknown): boolean =>
    (error as { code?: unknown }).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
  const advised = (message: string): string => {
    const said = message.replace(
      'in strip-only mode',
      'here: types are taken out, and nothing is made of them.',
    );
    const advice = INSTEAD.find(([pattern]) => pattern.test(message))?.[1];
    return advice === undefined ? said : `${said} ${advice}`;
  };
  /** Its stack begins with `:line`, that line, and carets under what is at fault. */
  const faultOf = (error: unknown): SyntaxFault => {
    const { message, stack } = error as { message?: string; stack?: string };
    const lines = String(stack).split('\n');
    const carets = lines.find(line => /^ *\^+ *$/.test(line)) ?? '^';
    const [line = '1'] = /\d+$/.exec(lines[0] ?? '') ?? [];
    const place = { line: Number(line), column: carets.indexOf('^') + 1 };
    if (!isUnsupported(error)) return { message: `SyntaxError: ${message}`, ...place };
    return { message: `SyntaxError: ${advised(String(message))}`, ...place, isTypeScript: true };
  };
  const wrapped = (head: string, script: string, tail: string): { text: string } | { fault: SyntaxFault } => {
    try {
      const out = strip(`${head}\n${script}\n${tail}`);
      return { text: out.slice(head.length + 1, out.length - tail.length - 1) };
    } catch (error) {
      const found = faultOf(error);
      const lines = script.split('\n');
      const line = Math.max(1, found.line - 1);
      // What is missing at the end is told behind the script's last character, not in what was put around it.
      if (line > lines.length)
        return { fault: { ...found, line: lines.length, column: (lines.at(-1) ?? '').length + 1 } };
      return { fault: { ...found, line } };
    }
  };

  return (script, isModule) => {
    if (isModule) return wrapped('', script, '');
    const body = wrapped('async function main(){', script, '}');
    if ('text' in body) return body;
    if (body.fault.isTypeScript) return body;
    const expression = wrapped('async()=>(', script, ')');
    return 'text' in expression ? expression : body;
  };
}
