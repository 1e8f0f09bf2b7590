import { Box, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { CodeViewProps } from './code-editor/code-view.tsx';
import type { DiffViewProps } from './code-editor/diff-view.tsx';

const CodeView = lazy(() => import('./code-editor/code-view.tsx'));
const DiffView = lazy(() => import('./code-editor/diff-view.tsx'));

/** An editor of text or JSON, with search (Ctrl-F) and folding. Loaded when it is first shown. */
export function CodeEditor(props: CodeViewProps) {
  return (
    <Suspense fallback={<Skeleton role="img" h={props.height ?? 240} aria-label="Loading the editor" />}>
      <CodeView {...props} />
    </Suspense>
  );
}

/** Two texts side by side with their differences; the right one can be edited where `onChange` is given. */
export function DiffEditor(props: DiffViewProps) {
  return (
    <Suspense fallback={<Skeleton role="img" h={props.height ?? 320} aria-label="Loading the comparison" />}>
      <Box>
        <DiffView {...props} />
      </Box>
    </Suspense>
  );
}
