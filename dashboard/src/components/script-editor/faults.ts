import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import type { EditorView } from '@codemirror/view';

/** Something that is wrong at a place of a script. */
export interface PlacedFault {
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  message: string;
}

/** The place of the script that an error's stack names first, libraries aside: `at main (2:7)`. */
export function placeIn(stack: string | undefined): Pick<PlacedFault, 'line' | 'column'> | undefined {
  const [, line, column] = /\((\d+):(\d+)\)/.exec(stack ?? '') ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}

/** Marks faults in an editor, in place of those before. */
export function markFaults(view: EditorView | undefined, faults: readonly PlacedFault[]): void {
  if (view)
    view.dispatch(
      setDiagnostics(
        view.state,
        faults.map(fault => diagnosticOf(view, fault)),
      ),
    );
}

function diagnosticOf({ state }: EditorView, { line, column, message }: PlacedFault): Diagnostic {
  const row = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  // What is missing at the end of a line is marked at its last character.
  const last = Math.max(row.from, row.to - 1);
  const from = Math.min(row.from + Math.max(column - 1, 0), last);
  // The word that is there, or one character, or what the line has.
  const [word = ' '] = /^[\w$]+/.exec(state.sliceDoc(from, row.to)) ?? [];
  return { from, to: Math.min(from + word.length, row.to), severity: 'error', message };
}
