import type { SyntaxNode } from '@lezer/common';
import { SCRIPT_TYPES } from '../../generated/script-names.ts';
import { answerOf, awaited, globalOf, type Known, memberOf, ofType, type ScriptFacts } from './known.ts';
import { children, definitionOf } from './scope.ts';

/** Text and facts that an expression is read with. */
export interface Reading {
  text(node: SyntaxNode): string;
  facts: ScriptFacts;
  /** How many definitions may lie between a name and what it stands for. Default {@link MOST}. */
  left?: number;
}

const MOST = 20;
const LISTS = /^(map|filter|forEach|find|findLast|findIndex|some|every|flatMap)$/;

/** What is known of the value of an expression. */
export function infer(node: SyntaxNode | null | undefined, reading: Reading): Known | undefined {
  const { left = MOST } = reading;
  return node && left > 0 ? READERS[node.name]?.(node, { ...reading, left: left - 1 }) : undefined;
}

type Reader = (node: SyntaxNode, reading: Reading) => Known | undefined;

const READERS: Record<string, Reader> = {
  VariableName(node, reading) {
    const definition = definitionOf(reading.text(node), node, reading.text);
    return definition ? ofDefinition(definition, reading) : globalOf(reading.text(node), reading.facts);
  },
  MemberExpression(node, reading) {
    const owner = infer(node.firstChild, reading);
    const name = node.getChild('PropertyName') ?? node.getChild('String');
    if (name) return memberOf(owner, unquoted(reading.text(name)), reading.facts);
    return itemOf(owner);
  },
  CallExpression(node, reading) {
    return answerOf(infer(node.firstChild, reading), reading.facts);
  },
  AwaitExpression: (node, reading) => awaited(infer(node.lastChild, reading), reading.facts),
  ParenthesizedExpression: (node, reading) => infer(children(node)[1], reading),
  // `a ?? b`, `a || b`: what is known of the first that something is known of.
  BinaryExpression: (node, reading) => infer(node.firstChild, reading) ?? infer(node.lastChild, reading),
  ConditionalExpression: (node, reading) =>
    infer(children(node)[2], reading) ?? infer(node.lastChild, reading),
  ObjectExpression: (node, reading) => ({ value: objectOf(node, reading) }),
  ArrayExpression: (node, reading) => ({ value: arrayOf(node, reading) }),
  String: (node, { text }) => ({ value: unquoted(text(node)) }),
  TemplateString: () => ({ value: '' }),
  Number: (node, { text }) => ({ value: Number(text(node)) }),
  RegExp: () => ({ standard: RegExp.prototype }),
  NewExpression(node, reading) {
    const made = infer(node.getChild('VariableName'), reading);
    const { prototype } = (made && 'standard' in made ? made.standard : {}) as { prototype?: unknown };
    return prototype === undefined ? undefined : { standard: prototype };
  },
};

function objectOf(node: SyntaxNode, reading: Reading): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const property of node.getChildren('Property')) {
    const name = property.getChild('PropertyDefinition');
    const known = infer(property.lastChild, reading);
    const value = known && 'value' in known ? known.value : undefined;
    if (property.getChild('Spread')) Object.assign(made, value);
    else if (name) made[unquoted(reading.text(name))] = value;
  }
  return made;
}

function arrayOf(node: SyntaxNode, reading: Reading): unknown[] {
  const first = infer(children(node)[1], reading);
  return first && 'value' in first ? [first.value] : [];
}

function itemOf(list: Known | undefined): Known | undefined {
  return list && 'value' in list && Array.isArray(list.value) && list.value.length > 0
    ? { value: list.value[0] }
    : undefined;
}

/** What a variable holds, by where it is declared: alone, or within a pattern. */
function ofDefinition(definition: SyntaxNode, reading: Reading): Known | undefined {
  const { parent } = definition;
  if (parent?.name === 'PatternProperty') {
    const name = parent.getChild('PropertyName') ?? definition;
    const pattern = parent.parent;
    return pattern ? memberOf(ofDefinition(pattern, reading), reading.text(name), reading.facts) : undefined;
  }
  if (parent?.name === 'ParamList') return ofParameter(definition, parent, reading);
  if (parent?.name === 'VariableDeclaration') return ofVariable(definition, reading);
  if (parent?.name === 'ForOfSpec') return itemOf(infer(parent.getChild('of')?.nextSibling, reading));
  return undefined;
}

function ofVariable(definition: SyntaxNode, reading: Reading): Known | undefined {
  for (let at = definition.nextSibling; at && at.name !== ','; at = at.nextSibling)
    if (at.name === 'Equals') return infer(at.nextSibling, reading);
  return undefined;
}

/** A parameter of a handler is what kvflow calls it with; one of a function that a list is walked by, an item of the list. */
function ofParameter(parameter: SyntaxNode, list: SyntaxNode, reading: Reading): Known | undefined {
  const work = list.parent;
  if (!work) return undefined;
  const place = children(list)
    .filter(({ to }) => to <= parameter.from)
    .filter(({ name }) => name === ',').length;
  const handler = SCRIPT_TYPES.TransformHandlers?.[handlerName(work, reading) ?? ''];
  if (handler) return ofType(handler.params?.[place] ?? '', reading.facts);
  const call = work.parent?.name === 'ArgList' ? work.parent.parent : undefined;
  const callee = call?.getChild('MemberExpression');
  const method = callee?.getChild('PropertyName');
  if (place !== 0 || !callee || !method || !LISTS.test(reading.text(method))) return undefined;
  return itemOf(infer(callee.firstChild, reading));
}

/** The name under which kvflow calls a function of the script, if it does. */
function handlerName(work: SyntaxNode, { text }: Reading): string | undefined {
  const { parent } = work;
  const isDefault = parent?.name === 'ExportDeclaration' && parent.getChild('default');
  if (isDefault) return 'transform';
  const isOutside = (node: SyntaxNode | null) => node?.name === 'Script' || node?.parent?.name === 'Script';
  if (work.name === 'FunctionDeclaration' && isOutside(parent)) {
    const name = work.getChild('VariableDefinition');
    return name ? text(name) : undefined;
  }
  if (parent?.name === 'VariableDeclaration' && isOutside(parent.parent)) {
    const name = parent.getChild('VariableDefinition');
    return name ? text(name) : undefined;
  }
  // A function alone is the whole script.
  return parent?.name === 'ExpressionStatement' && isOutside(parent) ? 'transform' : undefined;
}

function unquoted(text: string): string {
  return text.replace(/^(['"])(.*)\1$/s, '$2');
}
