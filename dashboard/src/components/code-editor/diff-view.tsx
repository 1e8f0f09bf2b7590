import { MergeView } from '@codemirror/merge';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { type Language, setup } from './setup.ts';

/** What a comparison is given. */
export interface DiffViewProps {
  left: string;
  right: string;
  leftLabel: string;
  rightLabel: string;
  /** Makes the right side editable. */
  onChange?: (right: string) => void;
  language?: Language;
  height?: string | number;
  /** Another language, for a text of that length. */
  syntax?: (length: number) => Extension;
}

/** Loaded by `DiffEditor` alone. */
export default function DiffView({
  left,
  right,
  leftLabel,
  rightLabel,
  onChange,
  language = 'text',
  height = 320,
  syntax,
}: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const readOnly = onChange === undefined;
  const latest = useRef(right);
  // Counts texts that came from outside: what was typed here comes back as `right` too, and changes nothing.
  const given = useRef(0);
  if (right !== latest.current) given.current += 1;
  latest.current = right;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed on the right must not make a new editor
  useEffect(() => {
    if (!host.current) return;
    const told = EditorView.updateListener.of(update => {
      if (!update.docChanged) return;
      latest.current = update.state.doc.toString();
      change.current?.(latest.current);
    });
    const made = new MergeView({
      parent: host.current,
      a: {
        doc: left,
        extensions: [
          setup({ language, readOnly: true, label: leftLabel, length: left.length }),
          syntax?.(left.length) ?? [],
        ],
      },
      b: {
        doc: right,
        extensions: [
          setup({ language, readOnly, label: rightLabel, length: right.length }),
          syntax?.(right.length) ?? [],
          told,
        ],
      },
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
    });
    return () => made.destroy();
  }, [left, given.current, language, readOnly, leftLabel, rightLabel]);
  const length = typeof height === 'number' ? `${height}px` : height;
  return <div ref={host} className="kv-diff" style={{ maxHeight: length, overflow: 'auto' }} />;
}
