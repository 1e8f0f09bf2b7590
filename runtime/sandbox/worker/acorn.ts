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
  parse(): SyntaxNode;
  parseExpression(): SyntaxNode;
}

/** A node of a syntax tree, with its place in the text. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  loc: { start: { line: number; column: number } };
  [key: string]: unknown;
}
