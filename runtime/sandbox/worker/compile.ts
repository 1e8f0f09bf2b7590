import type { ScriptKind } from '../guest/types.ts';
import type { Acorn, SyntaxNode } from './acorn.ts';
import type { ModuleText, RewriteModule } from './module-text.ts';
import type { StripTypes, SyntaxFault } from './strip-types.ts';
import { lastOf, survey } from './survey.ts';

/** A script ready to be compiled in the realm: wrapped, with what was found out about it. */
export interface Prepared {
  code: string;
  kind: ScriptKind;
  kv: boolean;
  console: boolean;
  timers: boolean;
  context: boolean;
  /** It mentions what only an event that needs it is given, or may import it. */
  more: boolean;
  /** It may look at all that it is given at once. */
  spreads: boolean;
  /** Its handler takes the event and nothing else. */
  alone: boolean;
  /** It has promises of its own, which may be rejected with nobody to see it. */
  promises: boolean;
  /** Where the last statement begins of a script that is no expression and has no `return`: it skips every event. */
  idle: { line: number; column: number } | undefined;
}

/** Wraps a script; see {@link makeCompiler}. `globals` are the names the realm has. */
export interface Compiler {
  prepare(script: string, names: string[], globals: Set<string>): Prepared;
  fault(error: unknown): SyntaxFault;
}

/** What it works with. */
export interface CompilerParts {
  acorn: Acorn;
  rewrite: RewriteModule;
  strip: StripTypes;
  /** Kinds of nodes that the engine refuses. */
  forbidden: readonly string[];
}

/** Builds the compiler. Runs in the worker, outside the realm. */
export function makeCompiler({ acorn, rewrite, strip, forbidden }: CompilerParts): Compiler {
  const TIMERS = [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
    'queueMicrotask',
  ];
  /** Globals of ours that a script may have used as names of its own. */
  const PRESETS = ['TABLE_NAME', 'toSegment', 'toAmplitude', 'toFacebook', 'toGoogleAnalytics'];
  /** What only those scripts are given that mention it; `ANY` every script, the others those that have handlers. */
  const ANY_MORE = ['fetch', '$secrets'];
  const MORE = [
    ...ANY_MORE,
    'log',
    'store',
    'fetchV2',
    'getCredential',
    'geolocation',
    'RetryError',
    'NoRetryError',
    'DropEvent',
    'EventNotSupported',
    'InvalidEventPayload',
    'ValidationError',
  ];
  const KINDS: [name: string, kind: ScriptKind][] = [
    ['default', 'default'],
    ['transform', 'default'],
    ['transformEvent', 'rudder'],
    ['transformBatch', 'rudder-batch'],
  ];
  const SEGMENT = /^on(Track|Identify|Page|Screen|Group|Alias|Delete|Batch|Request)$/;
  const DECLARES = /^(FunctionDeclaration|ClassDeclaration|VariableDeclaration|EmptyStatement)$/;
  const OPTIONS = {
    ecmaVersion: 'latest',
    sourceType: 'script',
    locations: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  };
  const MODULE = { ...OPTIONS, sourceType: 'module', allowReturnOutsideFunction: false };

  interface Parsed {
    form: 'expression' | 'body' | 'module';
    text: string;
    tree: SyntaxNode;
    /** It had types. */
    isTyped?: boolean;
  }

  /** The script as one expression, without semicolons at its end; undefined when it is not one. */
  const asExpression = (script: string): Parsed | undefined => {
    try {
      const parser = new acorn.Parser(OPTIONS, script);
      parser.nextToken();
      const tree = parser.parseExpression();
      const end = parser.lastTokEnd;
      while (parser.type === acorn.tokTypes.semi) parser.next();
      return parser.type === acorn.tokTypes.eof
        ? { form: 'expression', text: script.slice(0, end), tree }
        : undefined;
    } catch {
      return undefined;
    }
  };
  const MODULE_ONLY = /sourceType: module/;
  const MODULE_WORD = /\b(import|export)\b/;
  const parseJs = (script: string): Parsed => {
    const expression = asExpression(script);
    const isNamed = expression && isFunction(expression) && expression.tree.id;
    if (expression && !isNamed) return expression;
    try {
      const body: Parsed = { form: 'body', text: script, tree: new acorn.Parser(OPTIONS, script).parse() };
      // A function alone reads as both; one that is named as a handler is called as its name says.
      return expression && handlersOf(body).length === 0 ? expression : body;
    } catch (error) {
      if (!MODULE_ONLY.test(String((error as Error).message))) throw error;
      return { form: 'module', text: script, tree: new acorn.Parser(MODULE, script).parse() };
    }
  };
  const isBefore = (a: SyntaxFault, b: SyntaxFault): boolean =>
    a.line < b.line || (a.line === b.line && a.column < b.column);
  /** What is no JavaScript may be TypeScript; the fault that is told is the one that is further on, but for TypeScript that cannot run. */
  const parseAny = (script: string): Parsed => {
    try {
      return parseJs(script);
    } catch (error) {
      const isSure = /^[ \t\ufeff]*(import|export)\b/m.test(script);
      const first = strip(script, isSure);
      // A comment or a directive may stand before it.
      const other = 'fault' in first && !isSure && MODULE_WORD.test(script) ? strip(script, true) : first;
      const js = 'text' in other ? other : first;
      const before = fault(error);
      if ('fault' in js) {
        const isTold = js.fault.isTypeScript || isBefore(before, js.fault);
        throw isTold ? Object.assign(new Error(), { fault: js.fault }) : error;
      }
      if (js.text === script) throw error;
      return { ...parseJs(js.text), isTyped: true };
    }
  };

  const kindOf = (names: string[]): ScriptKind => {
    for (const [name, kind] of KINDS) if (names.includes(name)) return kind;
    if (names.includes('onBatch')) return 'segment-batch';
    return names.some(name => SEGMENT.test(name)) ? 'segment' : 'library';
  };
  /** Functions of a script of declarations alone, which names them as handlers are named. */
  const handlersOf = ({ form, tree }: Parsed): string[] => {
    const body = tree.body as SyntaxNode[];
    const onlyDeclares = (node: SyntaxNode) => DECLARES.test(node.type) || typeof node.directive === 'string';
    if (form !== 'body' || !body.every(onlyDeclares)) return [];
    const names = body.flatMap(node =>
      node.type === 'VariableDeclaration'
        ? (node.declarations as SyntaxNode[]).map(({ id }) => String((id as SyntaxNode).name))
        : [String((node.id as SyntaxNode | undefined)?.name)],
    );
    return names.filter(name => SEGMENT.test(name) || KINDS.some(([known]) => known === name));
  };
  const isFunction = ({ form, tree }: Parsed): boolean =>
    form === 'expression' && /^(ArrowFunction|Function)Expression$/.test(tree.type);

  /** Whether the function that is the script, or its default export, has at most one parameter. */
  const takesOne = ({ form, tree }: Parsed): boolean => {
    const exported = (tree.body as SyntaxNode[] | undefined)?.find?.(
      ({ type }) => type === 'ExportDefaultDeclaration',
    );
    const found = form === 'expression' ? tree : (exported?.declaration as SyntaxNode | undefined);
    const params = found?.params as SyntaxNode[] | undefined;
    return params !== undefined && params.length <= 1 && params[0]?.type !== 'RestElement';
  };

  /** How the text begins and ends, and what of it is called. */
  const shape = (parsed: Parsed): ModuleText & { kind: ScriptKind } => {
    const { form, text, tree, isTyped = false } = parsed;
    if (form === 'module') {
      const rewritten = rewrite(text, tree, isTyped);
      const kind = kindOf(rewritten.exports);
      // Only what others import from has to be without names that everything has: the other form is faster.
      const result = kind === 'library' ? rewritten.result : rewritten.result.replace('__proto__:null,', '');
      return { ...rewritten, result, head: `"use strict";${rewritten.head}`, kind };
    }
    if (isFunction(parsed))
      return { text: `${text}\n)`, head: 'return (', result: '', exports: [], kind: 'function' };
    if (form === 'expression')
      return { text: `${text}\n)`, head: 'return (', result: '', exports: [], kind: 'classic' };
    const handlers = handlersOf(parsed);
    if (handlers.length === 0) return { text, head: '', result: '', exports: [], kind: 'classic' };
    return { text, head: '', result: `{${handlers.join()}}`, exports: handlers, kind: kindOf(handlers) };
  };

  const fault = (error: unknown): SyntaxFault => {
    const found = (error as { fault?: SyntaxFault }).fault;
    if (found) return found;
    const { loc, message, stack } = error as {
      loc?: { line: number; column: number };
      message?: string;
      stack?: string;
    };
    const text = String(message ?? error).replace(/ \(\d+:\d+\)$/, '');
    if (loc) return { message: `SyntaxError: ${text}`, line: loc.line, column: loc.column + 1 };
    const place = /^.*:(\d+)\n.*\n( *)\^/.exec(String(stack));
    return {
      message: `SyntaxError: ${text}`,
      line: Math.max(1, Number(place?.[1] ?? 1)),
      column: (place?.[2]?.length ?? 0) + 1,
    };
  };

  return {
    prepare(script, names, globals) {
      const parsed = parseAny(script);
      const { text, head: opening, result, kind } = shape(parsed);
      const { assigned, mentioned, awaits, returns, promises } = survey(parsed.tree, forbidden);
      // `sessionId = 1` without a declaration makes a global in sloppy mode. The realm's global object is frozen and
      // shared by events that run at the same time, so such names become variables of the event instead.
      const own = new Set([
        '$',
        '_',
        'event',
        '$kv',
        '$context',
        'console',
        'arguments',
        ...TIMERS,
        ...names,
      ]);
      const leaked =
        parsed.form === 'module' ? [] : [...assigned].filter(name => !own.has(name) && !globals.has(name));
      const overwritten = PRESETS.filter(name => assigned.has(name) && !own.has(name));
      const imports = `${opening}${result}`.includes('$module(');
      const offered = kind === 'classic' ? ANY_MORE : MORE;
      const more = offered.filter(name => mentioned.has(name) && !names.includes(name));
      // A variable of that name goes before the event's other name.
      const alias = names.includes('event') ? '' : ',event';
      const values = names.map(name => `${name}=$values[${JSON.stringify(name)}]`).join(',');
      const head = [
        `(function($values){${values && `const ${values};`}return function kvflow$call($,_,$kv,$context,console,$timers,$more${alias}){`,
        ...TIMERS.filter(name => mentioned.has(name)).map(name => `var ${name}=$timers.${name};`),
        ...overwritten.map(name => `var ${name}=globalThis.${name};`),
        ...more.map(name => `var ${name}=$more.${name};`),
        imports ? 'const $module=$more.import;' : '',
        leaked.length > 0 ? `var ${leaked.join(',')};` : '',
        `return (${awaits ? 'async ' : ''}function main(){`,
        opening,
      ].join('');
      return {
        code: `${head}\n${text}\n${result && `return ${result}`}})()}})`,
        kind,
        kv: mentioned.has('$kv'),
        console: mentioned.has('console'),
        context: mentioned.has('$context'),
        timers: TIMERS.some(name => mentioned.has(name)),
        more: more.length > 0 || imports,
        promises,
        spreads: text.includes('...'),
        alone: takesOne(parsed) && !mentioned.has('arguments'),
        idle: parsed.form === 'body' && kind === 'classic' && !returns ? lastOf(parsed.tree) : undefined,
      };
    },
    fault,
  };
}
