import DiffView, { type DiffViewProps } from '../code-editor/diff-view.tsx';
import { scriptSyntax } from './script-field.tsx';

/** Two scripts side by side. Loaded by `ScriptDiff` alone. */
export default function ScriptDiffView(props: DiffViewProps) {
  return <DiffView {...props} syntax={scriptSyntax} />;
}
