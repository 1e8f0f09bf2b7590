import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { javascript } from '@codemirror/lang-javascript';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { type Extension, Prec } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { EditorHost } from '../code-editor/editor-host.tsx';
import { setup } from '../code-editor/setup.ts';
import { scriptCompletion } from './complete.ts';
import { markFaults, type PlacedFault } from './faults.ts';
import { scriptHover, tooltipLooks } from './hover.ts';
import type { ScriptFacts } from './known.ts';

/** What an editor of a script is given. */
export interface ScriptFieldProps {
  value: string;
  /** Missing: it can only be read. */
  onChange?: (value: string) => void;
  label: string;
  height?: string | number;
  /** What completions know beside the script. */
  facts?: ScriptFacts;
  /** Marked at their places. */
  faults?: readonly PlacedFault[];
  /** Ctrl+Enter was pressed. */
  onRun?: () => void;
  /** Ctrl+S was pressed. */
  onSave?: () => void;
}

const NO_FACTS: ScriptFacts = { event: undefined, variables: {}, secrets: [], libraries: [] };
const NO_FAULTS: readonly PlacedFault[] = [];

/** An editor of JavaScript and TypeScript that knows what scripts have. Loaded by `ScriptEditor` alone. */
export default function ScriptField(props: ScriptFieldProps) {
  const { value, onChange, label, height, faults = NO_FAULTS } = props;
  const latest = useRef(props);
  latest.current = props;
  const view = useRef<EditorView>(undefined);
  const readOnly = onChange === undefined;
  useEffect(() => markFaults(view.current, faults), [faults]);
  return (
    <EditorHost
      value={value}
      onChange={onChange}
      height={height}
      view={view}
      identity={JSON.stringify([readOnly, label])}
      extensions={() => [
        keysOf(() => latest.current),
        setup({ language: 'text', readOnly, label, length: value.length }),
        scriptSyntax(value.length),
        readOnly ? [] : writing(() => latest.current.facts ?? NO_FACTS),
        scriptHover(() => latest.current.facts ?? NO_FACTS),
        tooltipLooks,
        lintGutter(),
      ]}
    />
  );
}

/** Above this, reading it as a script costs more than it gives. */
const LARGE = 500_000;

/** How scripts are coloured and folded. */
export function scriptSyntax(length: number): Extension {
  // Everything that is JavaScript is TypeScript.
  return length < LARGE ? javascript({ typescript: true }) : [];
}

function writing(facts: () => ScriptFacts): Extension {
  return [
    closeBrackets(),
    autocompletion({ override: [scriptCompletion(facts)], icons: false }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap]),
  ];
}

function keysOf(latest: () => ScriptFieldProps): Extension {
  const press = (act: (() => void) | undefined) => {
    act?.();
    return act !== undefined;
  };
  return Prec.highest(
    keymap.of([
      { key: 'Mod-Enter', run: () => press(latest().onRun) },
      { key: 'Mod-s', run: () => press(latest().onSave), preventDefault: true },
    ]),
  );
}
