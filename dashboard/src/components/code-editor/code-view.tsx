import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { type Language, setup } from './setup.ts';

/** What an editor is given. */
export interface CodeViewProps {
  value: string;
  /** Missing: it can only be read. */
  onChange?: (value: string) => void;
  language?: Language;
  /** For those who cannot see it. */
  label: string;
  /** CSS length. Default 240px. */
  height?: string | number;
}

/** Loaded by `CodeEditor` alone. */
export default function CodeView({ value, onChange, language = 'text', label, height = 240 }: CodeViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const change = useRef(onChange);
  change.current = onChange;
  const readOnly = onChange === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is followed below, without a new editor
  useEffect(() => {
    if (!host.current) return;
    const told = EditorView.updateListener.of(update => {
      if (update.docChanged) change.current?.(update.state.doc.toString());
    });
    const extensions = [setup({ language, readOnly, label, length: value.length }), told];
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({ doc: value, extensions }),
    });
    view.current = made;
    return () => made.destroy();
  }, [language, readOnly, label]);
  useEffect(() => {
    const { current } = view;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={host} className="kv-editor" style={{ '--kv-editor-height': toLength(height) } as never} />;
}

function toLength(height: string | number): string {
  return typeof height === 'number' ? `${height}px` : height;
}
