import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { type RefObject, useEffect, useRef } from 'react';

/** What {@link EditorHost} is given. */
export interface EditorHostProps {
  value: string;
  /** Missing: it can only be read. */
  onChange?: ((value: string) => void) | undefined;
  /** CSS length. Default 240px. */
  height?: string | number | undefined;
  extensions(): Extension;
  /** The editor is made anew when this changes, and at no other time. */
  identity: string;
  /** Where the editor is put, for those that mark something in it. */
  view?: RefObject<EditorView | undefined>;
}

/** Holds an editor of CodeMirror whose text is a value of React. */
export function EditorHost(props: EditorHostProps) {
  const { value, onChange, height = 240, extensions, identity } = props;
  const host = useRef<HTMLDivElement>(null);
  const own = useRef<EditorView>(undefined);
  const { view = own } = props;
  const change = useRef(onChange);
  change.current = onChange;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is followed below, without a new editor
  useEffect(() => {
    if (!host.current) return;
    const told = EditorView.updateListener.of(update => {
      if (update.docChanged) change.current?.(update.state.doc.toString());
    });
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({ doc: value, extensions: [extensions(), told] }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, [identity]);
  useEffect(() => {
    const { current } = view;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value, view]);
  return <div ref={host} className="kv-editor" style={{ '--kv-editor-height': toLength(height) } as never} />;
}

function toLength(height: string | number): string {
  return typeof height === 'number' ? `${height}px` : height;
}
