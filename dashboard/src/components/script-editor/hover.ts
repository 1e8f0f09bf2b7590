import { syntaxTree } from '@codemirror/language';
import { EditorView, hoverTooltip } from '@codemirror/view';
import type { SyntaxNode } from '@lezer/common';
import { SCRIPT_TYPES } from '../../generated/script-names.ts';
import { infer, type Reading } from './infer.ts';
import { type Member, membersOf, type ScriptFacts } from './known.ts';
import { definitionOf } from './scope.ts';

/** Says what a name is that the pointer rests on. */
export function scriptHover(facts: () => ScriptFacts) {
  return hoverTooltip(({ state }, pos, side) => {
    const node = syntaxTree(state).resolveInner(pos, side);
    const text = ({ from, to }: SyntaxNode) => state.sliceDoc(from, to);
    const found = described(node, { text, facts: facts() });
    return found ? { pos: node.from, end: node.to, above: true, create: () => ({ dom: draw(found) }) } : null;
  });
}

/** What is told of a name; undefined where nothing is known of it. */
export function described(
  node: SyntaxNode,
  reading: Reading,
): Pick<Member, 'signature' | 'about'> | undefined {
  const name = reading.text(node);
  if (node.name === 'VariableName')
    return definitionOf(name, node, reading.text)
      ? undefined
      : (SCRIPT_TYPES['']?.[name] ?? SCRIPT_TYPES.TransformGlobals?.[name]);
  if (node.name !== 'PropertyName' || node.parent?.name !== 'MemberExpression') return undefined;
  const owner = infer(node.parent.firstChild, reading);
  const member = owner && membersOf(owner).find(one => one.name === name);
  return member?.signature === '' ? undefined : member;
}

function draw({ signature, about }: Pick<Member, 'signature' | 'about'>): HTMLElement {
  const dom = document.createElement('div');
  const code = document.createElement('code');
  code.textContent = signature;
  dom.append(code);
  if (about) dom.append(Object.assign(document.createElement('div'), { textContent: about }));
  return dom;
}

/** How tooltips look. */
export const tooltipLooks = EditorView.theme({
  '.cm-tooltip': {
    backgroundColor: 'var(--kv-surface)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--kv-line)',
    borderRadius: 'var(--mantine-radius-sm)',
    maxWidth: 'min(520px, 90vw)',
    zIndex: '300',
  },
  '.cm-tooltip-hover': { padding: '4px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { maxWidth: 'min(700px, 92vw)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'light-dark(#d0ebff, #2b4a68)',
    color: 'var(--mantine-color-text)',
  },
  '.cm-completionDetail': { color: 'var(--mantine-color-dimmed)', fontStyle: 'normal' },
  '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px' },
  '.cm-diagnostic': { fontFamily: 'inherit' },
  '.cm-panel.cm-panel-lint ul [aria-selected]': { backgroundColor: 'var(--kv-hover)', color: 'inherit' },
  '.cm-panel.cm-panel-lint button[name=close]': { color: 'inherit' },
});
