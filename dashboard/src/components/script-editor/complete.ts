import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { snippets } from '@codemirror/lang-javascript';
import { ensureSyntaxTree, syntaxTree } from '@codemirror/language';
import type { SyntaxNode } from '@lezer/common';
import { SCRIPT_TYPES } from '../../generated/script-names.ts';
import { infer, type Reading } from './infer.ts';
import { type Member, membersOf, type ScriptFacts } from './known.ts';
import { visibleNames } from './scope.ts';
import { STANDARD_NAMES } from './standard-names.ts';

/** For reading a long script as far as the place. */
const PARSE_MS = 100;
const WORD = /^[\w$]*$/;
const SILENT =
  /^(LineComment|BlockComment|TemplateString|RegExp|VariableDeclaration|VariableDefinition|PropertyDefinition|TypeDefinition|Number)$/;

/** Completes what a script may write, by what {@link SCRIPT_TYPES} declares and what the samples hold. */
export function scriptCompletion(facts: () => ScriptFacts) {
  return (context: CompletionContext): CompletionResult | null => {
    const tree = ensureSyntaxTree(context.state, context.pos, PARSE_MS) ?? syntaxTree(context.state);
    const node = tree.resolveInner(context.pos, -1);
    const text = ({ from, to }: SyntaxNode) => context.state.sliceDoc(from, to);
    const reading = { text, facts: facts() };
    if (node.name === 'String') return inString(node, reading);
    if (SILENT.test(node.name)) return null;
    const dot = memberPlace(node);
    if (dot) return inMember(dot, reading);
    const word = context.matchBefore(/[\w$]+/);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: names(node, reading), validFor: WORD };
  };
}

/** Where a name after a dot begins, and what is before the dot. */
function memberPlace(node: SyntaxNode): { owner: SyntaxNode | null; from: number } | undefined {
  if (node.parent?.name !== 'MemberExpression') return undefined;
  if (/^(\.|\?\.)$/.test(node.name)) return { owner: node.parent.firstChild, from: node.to };
  return node.name === 'PropertyName' ? { owner: node.parent.firstChild, from: node.from } : undefined;
}

function inMember(
  place: { owner: SyntaxNode | null; from: number },
  reading: Reading,
): CompletionResult | null {
  const known = infer(place.owner, reading);
  if (!known) return null;
  return { from: place.from, options: membersOf(known).map(toCompletion), validFor: WORD };
}

/** Modules where something is imported, secrets where one is named, and texts that a parameter is one of. */
function inString(node: SyntaxNode, reading: Reading): CompletionResult | null {
  const options = stringsFor(node, reading);
  if (options.length === 0) return null;
  return { from: node.from + 1, options, validFor: /^[^'"]*$/ };
}

function stringsFor(node: SyntaxNode, reading: Reading): Completion[] {
  const { parent } = node;
  if (parent?.name === 'ImportDeclaration') return modules(reading.facts);
  if (parent?.name === 'MemberExpression') {
    const known = infer(parent.firstChild, reading);
    return known && 'value' in known ? membersOf(known).map(toCompletion) : [];
  }
  const call = parent?.name === 'ArgList' ? parent.parent : undefined;
  const callee = call?.firstChild;
  if (!parent || !callee) return [];
  const name = reading.text(callee);
  if (name === 'require') return modules({ ...reading.facts, libraries: [] });
  if (name === 'getCredential') return reading.facts.secrets.map(label => ({ label, type: 'constant' }));
  const place = parent.getChildren(',').filter(({ to }) => to <= node.from).length;
  const known = infer(callee, reading);
  const type = known && 'params' in known ? (known.params[place] ?? '') : '';
  return [...type.matchAll(/'([^']*)'/g)].map(([, label = '']) => ({ label, type: 'constant' }));
}

function modules({ libraries }: ScriptFacts): Completion[] {
  const kept = Object.entries(SCRIPT_TYPES.TransformModules ?? {}).map(([label, { about }]) => ({
    label,
    type: 'namespace',
    ...(about && { info: about }),
  }));
  return [
    ...libraries.map(label => ({ label, type: 'namespace', detail: 'stored script', boost: 1 })),
    ...kept,
  ];
}

/** What may be written where no dot is before it: the script's own names come first, then ours, then the language's. */
function names(node: SyntaxNode, { text, facts }: Reading): Completion[] {
  const own = visibleNames(node, text);
  const ours: Member[] = Object.entries({ ...SCRIPT_TYPES.TransformGlobals, ...SCRIPT_TYPES[''] }).map(
    ([name, { signature, about, kind }]) => ({ name, signature, about, kind }),
  );
  const handlers = Object.entries(SCRIPT_TYPES.TransformHandlers ?? {});
  return [
    ...own.map(label => ({ label, type: 'variable', boost: 2 })),
    ...ours.filter(({ name }) => !own.includes(name)).map(member => ({ ...toCompletion(member), boost: 1 })),
    ...Object.keys(facts.variables).map(label => ({
      label,
      type: 'constant',
      detail: 'variable of the call',
    })),
    ...handlers.map(([label, { signature, about }]) => ({
      label,
      type: 'function',
      detail: after(label, signature),
      info: about,
    })),
    ...STANDARD_NAMES.map(label => ({ label, type: 'class', boost: -1 })),
    ...KEYWORDS.map(label => ({ label, type: 'keyword' })),
    ...snippets.map(snippet => ({ ...snippet, boost: -2 })),
  ];
}

const KEYWORDS = 'return await const let export default async function null true false'.split(' ');

function toCompletion({ name, signature, about, kind }: Member): Completion {
  return { label: name, type: kind, detail: after(name, signature), ...(about && { info: about }) };
}

/** A signature without the name that stands before it. */
function after(name: string, signature: string): string {
  return signature.startsWith(name) ? signature.slice(name.length).replace(/^: /, '') : signature;
}
