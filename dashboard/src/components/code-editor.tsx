import { Box, Skeleton } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';
import type { CodeViewProps } from './code-editor/code-view.tsx';
import type { DiffViewProps } from './code-editor/diff-view.tsx';
import type { ScriptFieldProps } from './script-editor/script-field.tsx';

// Each is large, and loaded when it is first shown.
const CodeView = lazy(() => import('./code-editor/code-view.tsx'));
const DiffView = lazy(() => import('./code-editor/diff-view.tsx'));
const ScriptField = lazy(() => import('./script-editor/script-field.tsx'));
const ScriptDiffView = lazy(() => import('./script-editor/script-diff.tsx'));

/** An editor of text or JSON, with search (Ctrl-F) and folding. */
export function CodeEditor(props: CodeViewProps) {
  return (
    <Loaded what="the editor" height={props.height ?? 240}>
      <CodeView {...props} />
    </Loaded>
  );
}

/** Two texts side by side with their differences; the right one can be edited where `onChange` is given. */
export function DiffEditor(props: DiffViewProps) {
  return (
    <Loaded what="the comparison" height={props.height ?? 320}>
      <DiffView {...props} />
    </Loaded>
  );
}

/** An editor of scripts for transform: completion by their types, help on hovering, faults at their places. */
export function ScriptEditor(props: ScriptFieldProps) {
  return (
    <Loaded what="the editor" height={props.height ?? 240}>
      <ScriptField {...props} />
    </Loaded>
  );
}

/** Two scripts side by side with their differences. */
export function ScriptDiff(props: DiffViewProps) {
  return (
    <Loaded what="the comparison" height={props.height ?? 320}>
      <ScriptDiffView {...props} />
    </Loaded>
  );
}

function Loaded(props: { what: string; height: string | number; children: ReactNode }) {
  const { what, height, children } = props;
  return (
    <Suspense fallback={<Skeleton role="img" h={height} aria-label={`Loading ${what}`} />}>
      <Box>{children}</Box>
    </Suspense>
  );
}
