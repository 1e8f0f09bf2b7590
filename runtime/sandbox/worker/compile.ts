/** What acorn gives, as far as it is used here. */
export interface Acorn {
  Parser: new (options: object, input: string) => AcornParser;
  tokTypes: { semi: unknown; eof: unknown };
}
interface AcornParser {
  type: unknown;
  lastTokEnd: number;
  next(): void;
  nextToken(): void;
  parse(): Node;
  parseExpression(): Node;
}
interface Node {
  type: string;
  loc: { start: { line: number; column: number } };
  [key: string]: unknown;
}

/** A script ready to be compiled in the realm: wrapped, with what was found out about it. */
export interface Prepared {
  code: string;
  kv: boolean;
  console: boolean;
  timers: boolean;
  context: boolean;
  /** Where the last statement begins of a script that is no expression and has no `return`: it skips every event. */
  idle: { line: number; column: number } | undefined;
}

/** Where a script cannot be parsed: 1-based line and column in the user's own text. */
export interface SyntaxFault {
  message: string;
  line: number;
  column: number;
}

/** Wraps a script; see {@link makeCompiler}. `globals` are the names the realm has. */
export interface Compiler {
  prepare(script: string, names: string[], globals: Set<string>): Prepared;
  fault(error: unknown): SyntaxFault;
}

/** Builds the compiler. Runs in the worker, outside the realm. Sent as source text: refers to nothing outside itself. */
export function makeCompiler(acorn: Acorn): Compiler {
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
  const OPTIONS = {
    ecmaVersion: 'latest',
    sourceType: 'script',
    locations: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  };

  /** The script as one expression, without semicolons at its end; undefined when it is not one. */
  const asExpression = (script: string): { text: string; tree: Node } | undefined => {
    try {
      const parser = new acorn.Parser(OPTIONS, script);
      parser.nextToken();
      const tree = parser.parseExpression();
      const end = parser.lastTokEnd;
      while (parser.type === acorn.tokTypes.semi) parser.next();
      return parser.type === acorn.tokTypes.eof ? { text: script.slice(0, end), tree } : undefined;
    } catch {
      return undefined;
    }
  };

  /** Names assigned anywhere, names mentioned anywhere, and whether the top level awaits and returns. */
  const survey = (tree: Node) => {
    const assigned = new Set<string>();
    const mentioned = new Set<string>();
    let awaits = false;
    let returns = false;
    const target = (node: Node | null): void => {
      const todo: (Node | null | undefined)[] = [node];
      for (let at = todo.pop(); todo.length > 0 || at; at = todo.pop()) {
        if (!at) continue;
        if (at.type === 'Identifier') assigned.add(String(at.name));
        else if (at.type === 'ObjectPattern')
          todo.push(
            ...(at.properties as Node[]).map(p => (p.type === 'RestElement' ? p.argument : p.value) as Node),
          );
        else if (at.type === 'ArrayPattern') todo.push(...(at.elements as Node[]));
        else if (at.type === 'AssignmentPattern') todo.push(at.left as Node);
        else if (at.type === 'RestElement') todo.push(at.argument as Node);
      }
    };
    const todo: [Node, boolean][] = [[tree, true]];
    for (let entry = todo.pop(); entry; entry = todo.pop()) {
      const [node, top] = entry;
      if (node.type === 'Identifier') mentioned.add(String(node.name));
      if (
        node.type === 'AssignmentExpression' ||
        node.type === 'ForInStatement' ||
        node.type === 'ForOfStatement'
      )
        target(node.left as Node);
      if (node.type === 'UpdateExpression') target(node.argument as Node);
      if (top && (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true)))
        awaits = true;
      if (top && node.type === 'ReturnStatement') returns = true;
      const inner = top && !/Function/.test(node.type);
      for (const value of Object.values(node))
        for (const child of Array.isArray(value) ? value : [value])
          if (child && typeof child === 'object' && typeof (child as Node).type === 'string')
            todo.push([child as Node, inner]);
    }
    return { assigned, mentioned, awaits, returns };
  };

  /** The last statement of a script that can return nothing, unless it always throws. */
  const lastOf = (tree: Node): Prepared['idle'] => {
    const last = (tree.body as Node[]).at(-1);
    if (!last || last.type === 'ThrowStatement') return undefined;
    return { line: last.loc.start.line, column: last.loc.start.column + 1 };
  };
  const parseBody = (script: string): Node => new acorn.Parser(OPTIONS, script).parse();

  return {
    prepare(script, names, globals) {
      const expression = asExpression(script);
      const tree = expression?.tree ?? parseBody(script);
      const { assigned, mentioned, awaits, returns } = survey(tree);
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
      const leaked = [...assigned].filter(name => !own.has(name) && !globals.has(name));
      const overwritten = PRESETS.filter(name => assigned.has(name) && !own.has(name));
      // A variable of that name goes before the event's other name.
      const alias = names.includes('event') ? '' : ',event';
      const values = names.map(name => `${name}=$values[${JSON.stringify(name)}]`).join(',');
      const head = [
        `(function($values){${values && `const ${values};`}return function kvflow$call($,_,$kv,$context,console,$timers${alias}){`,
        ...TIMERS.filter(name => mentioned.has(name)).map(name => `var ${name}=$timers.${name};`),
        ...overwritten.map(name => `var ${name}=globalThis.${name};`),
        leaked.length > 0 ? `var ${leaked.join(',')};` : '',
        `return (${awaits ? 'async ' : ''}function main(){`,
        expression ? 'return (' : '',
      ].join('');
      return {
        code: `${head}\n${expression?.text ?? script}\n${expression ? ')' : ''}})()}})`,
        kv: mentioned.has('$kv'),
        console: mentioned.has('console'),
        context: mentioned.has('$context'),
        timers: TIMERS.some(name => mentioned.has(name)),
        idle: expression || returns ? undefined : lastOf(tree),
      };
    },
    fault(error) {
      const { loc, message, stack } = error as {
        loc?: { line: number; column: number };
        message?: string;
        stack?: string;
      };
      const text = String(message ?? error).replace(/ \(\d+:\d+\)$/, '');
      if (loc) return { message: `SyntaxError: ${text}`, line: loc.line, column: loc.column + 1 };
      const found = /main\.js:(\d+)\n.*\n( *)\^/.exec(String(stack));
      return {
        message: `SyntaxError: ${text}`,
        line: Math.max(1, Number(found?.[1] ?? 1)),
        column: (found?.[2]?.length ?? 0) + 1,
      };
    },
  };
}
