import type { SyntaxNode } from './acorn.ts';

/** What a script does, as far as its text says. */
export interface Survey {
  /** Names that are assigned to, and names that are mentioned, anywhere. */
  assigned: Set<string>;
  mentioned: Set<string>;
  /** The top level awaits. */
  awaits: boolean;
  /** The top level returns something, or ends by a plain return. */
  returns: boolean;
  /** It has promises of its own. */
  promises: boolean;
}

/** Walks through all of a script. Throws where it contains what is `forbidden`. */
export function survey(tree: SyntaxNode, forbidden: readonly string[]): Survey {
  const assigned = new Set<string>();
  const mentioned = new Set<string>();
  let awaits = false;
  let returns = false;
  let promises = false;
  const end = Array.isArray(tree.body) ? (tree.body as SyntaxNode[]).at(-1) : undefined;
  const todo: [SyntaxNode, boolean][] = [[tree, true]];
  for (let entry = todo.pop(); entry; entry = todo.pop()) {
    const [node, top] = entry;
    if (forbidden.includes(node.type)) throw refusal(node);
    if (node.type === 'Identifier') mentioned.add(String(node.name));
    if (
      node.type === 'AssignmentExpression' ||
      node.type === 'ForInStatement' ||
      node.type === 'ForOfStatement'
    )
      addTargets(assigned, node.left as SyntaxNode);
    if (node.type === 'UpdateExpression') addTargets(assigned, node.argument as SyntaxNode);
    if (top && (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true)))
      awaits = true;
    // A plain return before the end only leaves: nothing says that the others are to be skipped too.
    if (top && node.type === 'ReturnStatement') returns ||= node.argument !== null || node === end;
    if (node.async === true) promises = true;
    const inner = top && !/Function/.test(node.type);
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (child && typeof child === 'object' && typeof (child as SyntaxNode).type === 'string')
          todo.push([child as SyntaxNode, inner]);
  }
  promises ||= mentioned.has('Promise');
  return { assigned, mentioned, awaits, returns, promises };
}

/** The last statement of a script that can return nothing, unless it always throws. */
export function lastOf(tree: SyntaxNode): { line: number; column: number } | undefined {
  const last = (tree.body as SyntaxNode[]).at(-1);
  if (!last) return { line: 1, column: 1 };
  if (last.type === 'ThrowStatement') return undefined;
  return { line: last.loc.start.line, column: last.loc.start.column + 1 };
}

/** The names that a pattern assigns to. */
function addTargets(assigned: Set<string>, node: SyntaxNode): void {
  const todo: (SyntaxNode | null | undefined)[] = [node];
  for (let at = todo.pop(); todo.length > 0 || at; at = todo.pop()) {
    if (!at) continue;
    if (at.type === 'Identifier') assigned.add(String(at.name));
    else if (at.type === 'ObjectPattern')
      todo.push(
        ...(at.properties as SyntaxNode[]).map(
          p => (p.type === 'RestElement' ? p.argument : p.value) as SyntaxNode,
        ),
      );
    else if (at.type === 'ArrayPattern') todo.push(...(at.elements as SyntaxNode[]));
    else if (at.type === 'AssignmentPattern') todo.push(at.left as SyntaxNode);
    else if (at.type === 'RestElement') todo.push(at.argument as SyntaxNode);
  }
}

function refusal({ loc: { start }, type }: SyntaxNode): Error {
  const message = `SyntaxError: ${type === 'ImportExpression' ? 'import()' : type} is not there; import at the top`;
  return Object.assign(new Error(), { fault: { message, line: start.line, column: start.column + 1 } });
}
