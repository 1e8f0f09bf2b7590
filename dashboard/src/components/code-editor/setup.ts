import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** What an editor colours. */
export type Language = 'json' | 'text';

/** Above this, colouring and folding cost more than they give. */
const LARGE = 500_000;

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--kv-accent)' },
  { tag: tags.string, color: 'var(--kv-good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--kv-warn)' },
  { tag: [tags.keyword, tags.self], color: 'light-dark(#862e9c, #da77f2)' },
  { tag: [tags.typeName, tags.className, tags.regexp], color: 'light-dark(#0b7285, #66d9e8)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--kv-bad)' },
]);

const looks = EditorView.theme({
  '&': {
    fontSize: '13px',
    border: '1px solid var(--kv-line)',
    borderRadius: 'var(--mantine-radius-md)',
    backgroundColor: 'var(--kv-surface)',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--kv-accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '@media (prefers-reduced-motion: reduce)': { '.cm-cursorLayer': { animation: 'none !important' } },
  '.cm-gutters': {
    backgroundColor: 'var(--kv-surface)',
    color: 'var(--mantine-color-dimmed)',
    border: 'none',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfe6fb, #2b4a68)',
  },
  '.cm-panels': { backgroundColor: 'var(--kv-ground)', color: 'inherit' },
});

/** What every editor of ours can do. The Tab key leaves it, as it leaves any field. */
export function setup({
  language,
  readOnly,
  label,
  length,
}: {
  language: Language;
  readOnly: boolean;
  label: string;
  length: number;
}): Extension {
  const rich = length < LARGE;
  return [
    lineNumbers(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    search({ top: true }),
    rich ? [foldGutter(), bracketMatching(), highlightSelectionMatches(), syntaxHighlighting(colours)] : [],
    rich && language === 'json' ? json() : [],
    EditorView.lineWrapping,
    EditorState.readOnly.of(readOnly),
    // What scrolls is reached by the keyboard, which tools tell by the tabindex alone.
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-readonly': String(readOnly),
      tabindex: '0',
    }),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap]),
    looks,
  ];
}
