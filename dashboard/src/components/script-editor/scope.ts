import type { SyntaxNode } from '@lezer/common';

/** Finds where the variable of that name was declared that a place sees; undefined where it is none of the script's own. */
export function definitionOf(
  name: string,
  place: SyntaxNode,
  text: (node: SyntaxNode) => string,
): SyntaxNode | undefined {
  for (let at: SyntaxNode | null = place.parent; at; at = at.parent)
    for (const child of children(at))
      for (const found of declaredBy(child)) if (text(found) === name) return found;
  return undefined;
}

/** Names that a place sees, declared by the script. */
export function visibleNames(place: SyntaxNode, text: (node: SyntaxNode) => string): string[] {
  const names = new Set<string>();
  for (let at: SyntaxNode | null = place; at; at = at.parent)
    for (const child of children(at)) for (const found of declaredBy(child)) names.add(text(found));
  return [...names];
}

/** A node's children, in their order. */
export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let at = node.firstChild; at; at = at.nextSibling) found.push(at);
  return found;
}

const PATTERN = /^(ObjectPattern|ArrayPattern|PatternProperty|ForSpec|ForOfSpec|ForInSpec|ImportGroup)$/;

/** Variables that a part of a block or function declares for what is beside it. */
function declaredBy(node: SyntaxNode): SyntaxNode[] {
  if (/^(ParamList|VariableDeclaration|ImportDeclaration)$/.test(node.name)) return inPattern(node);
  if (/^For(Of|In)?Spec$/.test(node.name)) return inPattern(node);
  if (/^(Function|Class)Declaration$/.test(node.name)) {
    const name = node.getChild('VariableDefinition');
    return name ? [name] : [];
  }
  return node.name === 'ExportDeclaration' ? children(node).flatMap(declaredBy) : [];
}

function inPattern(node: SyntaxNode): SyntaxNode[] {
  return children(node).flatMap(child => {
    if (child.name === 'VariableDefinition') return [child];
    return PATTERN.test(child.name) || child.name === 'VariableDeclaration' ? inPattern(child) : [];
  });
}
