import type { SyntaxNode } from './acorn.ts';

/** A module turned into the body of a function, every character of the user's at its own line and column. */
export interface ModuleText {
  text: string;
  /** Declarations of what it imports, on no line of their own: they go before the text. */
  head: string;
  /** What the function returns: the exports by their names. */
  result: string;
  /** Names that it exports, as far as they are known without the modules it imports. */
  exports: string[];
}

/** Turns a parsed module into a {@link ModuleText}. In one whose types were taken out, what it imports and uses nowhere was a type. */
export type RewriteModule = (source: string, tree: SyntaxNode, isTyped: boolean) => ModuleText;

/**
 * Builds it. `import` and `export` are blanked out; the default export becomes a constant, which is as long as
 * what it replaces.
 */
export function makeModuleRewriter(): RewriteModule {
  const DEFAULT = 'kvf$def';
  const EXPORT_DEFAULT = /^export(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*default/;

  const namesOf = (pattern: SyntaxNode | null): string[] => {
    if (!pattern) return [];
    if (pattern.type === 'Identifier') return [String(pattern.name)];
    if (pattern.type === 'ObjectPattern')
      return (pattern.properties as SyntaxNode[]).flatMap(property =>
        namesOf((property.type === 'RestElement' ? property.argument : property.value) as SyntaxNode),
      );
    if (pattern.type === 'ArrayPattern') return (pattern.elements as SyntaxNode[]).flatMap(namesOf);
    if (pattern.type === 'AssignmentPattern') return namesOf(pattern.left as SyntaxNode);
    return pattern.type === 'RestElement' ? namesOf(pattern.argument as SyntaxNode) : [];
  };
  const declared = (node: SyntaxNode): string[] =>
    node.type === 'VariableDeclaration'
      ? (node.declarations as SyntaxNode[]).flatMap(({ id }) => namesOf(id as SyntaxNode))
      : namesOf(node.id as SyntaxNode);
  const named = (node: unknown): string => {
    const { type, name, value } = node as SyntaxNode;
    return String(type === 'Literal' ? value : name);
  };
  const quote = (text: string): string => JSON.stringify(text);
  /** Names that stand anywhere but in imports. */
  const namesIn = (tree: SyntaxNode): Set<string> => {
    const names = new Set<string>();
    const waiting: unknown[] = [tree];
    while (waiting.length > 0) {
      const node = waiting.pop() as SyntaxNode;
      if (node.type === 'ImportDeclaration') continue;
      if (node.type === 'Identifier') names.add(String(node.name));
      for (const part of Object.values(node))
        if (typeof part === 'object' && part !== null) waiting.push(part);
    }
    return names;
  };

  return (source, tree, isTyped) => {
    let text = '';
    let at = 0;
    let head = '';
    const exported: string[] = [];
    const names = isTyped ? namesIn(tree) : undefined;
    const result: string[] = ['__proto__:null'];
    const copy = (to: number): void => {
      text += source.slice(at, to);
      at = to;
    };
    const replace = (from: number, to: number, by = ''): void => {
      copy(from);
      text += by + source.slice(from + by.length, to).replace(/[^\n\r]/g, ' ');
      at = to;
    };
    const give = (name: string, value: string): void => {
      exported.push(name);
      result.push(`${quote(name)}:${value}`);
    };
    // What goes wrong in an import is told at its place, which the name of this function says.
    const take = (node: SyntaxNode): string => {
      const { line, column } = node.loc.start;
      const name = quote(String((node.source as SyntaxNode).value));
      return `(function kvf$at_${line}_${column + 1}(){return $module(${name})})()`;
    };

    const onImport = (node: SyntaxNode): void => {
      const parts: string[] = [];
      const specifiers = node.specifiers as SyntaxNode[];
      const used = specifiers.filter(({ local }) => names?.has(named(local)) ?? true);
      if (used.length === 0 && specifiers.length > 0) {
        replace(node.start, node.end);
        return;
      }
      for (const specifier of used) {
        const local = named(specifier.local);
        if (specifier.type === 'ImportNamespaceSpecifier') head += `const ${local}=${take(node)};`;
        else {
          const imported =
            specifier.type === 'ImportDefaultSpecifier' ? 'default' : named(specifier.imported);
          parts.push(`${quote(imported)}:${local}`);
        }
      }
      head += parts.length > 0 ? `const {${parts.join(',')}}=${take(node)};` : `${take(node)};`;
      replace(node.start, node.end);
    };
    const onNamed = (node: SyntaxNode): void => {
      const declaration = node.declaration as SyntaxNode | null;
      if (declaration) {
        replace(node.start, declaration.start);
        for (const name of declared(declaration)) give(name, name);
        return;
      }
      for (const { local, exported: name } of node.specifiers as SyntaxNode[])
        give(named(name), node.source ? `${take(node)}[${quote(named(local))}]` : named(local));
      replace(node.start, node.end);
    };
    const onDefault = (node: SyntaxNode): void => {
      const declaration = node.declaration as SyntaxNode;
      if (/Declaration$/.test(declaration.type) && declaration.id) {
        replace(node.start, declaration.start);
        give('default', named(declaration.id));
        return;
      }
      // Up to what is exported, which may begin with parentheses that are no part of its node.
      const said = EXPORT_DEFAULT.exec(source.slice(node.start))?.[0].length ?? 0;
      replace(node.start, node.start + said, `const ${DEFAULT}=`);
      copy(node.end);
      text += ';';
      give('default', DEFAULT);
    };

    for (const node of tree.body as SyntaxNode[]) {
      if (node.type === 'ImportDeclaration') onImport(node);
      else if (node.type === 'ExportNamedDeclaration') onNamed(node);
      else if (node.type === 'ExportDefaultDeclaration') onDefault(node);
      else if (node.type === 'ExportAllDeclaration') {
        if (node.exported) give(named(node.exported), take(node));
        else result.push(`...${take(node)}`);
        replace(node.start, node.end);
      }
    }
    copy(source.length);
    return { text, head, result: `{${result.join(',')}}`, exports: exported };
  };
}
