import { Box, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { DiffViewProps } from './code-editor/diff-view.tsx';
import type { ScriptFieldProps } from './script-editor/script-field.tsx';

const ScriptField = lazy(() => import('./script-editor/script-field.tsx'));
const ScriptDiffView = lazy(() => import('./script-editor/script-diff.tsx'));

/** An editor of scripts for transform: completion by their types, help on hovering, faults at their places. Loaded when it is first shown. */
export function ScriptEditor(props: ScriptFieldProps) {
  return (
    <Suspense fallback={<Skeleton role="img" h={props.height ?? 240} aria-label="Loading the editor" />}>
      <ScriptField {...props} />
    </Suspense>
  );
}

/** Two scripts side by side with their differences. */
export function ScriptDiff(props: DiffViewProps) {
  return (
    <Suspense fallback={<Skeleton role="img" h={props.height ?? 320} aria-label="Loading the comparison" />}>
      <Box>
        <ScriptDiffView {...props} />
      </Box>
    </Suspense>
  );
}
