import { Skeleton } from '@mantine/core';
import { ErrorNotice } from './error-notice.tsx';

/** What {@link QueryState} is given. */
export interface QueryStateProps {
  query: { data: unknown; error: unknown; refetch(): unknown };
  /** What is asked for: "the scripts". */
  what: string;
  /** What is wrong where it cannot be had: "The scripts cannot be listed". */
  title: string;
  /** Pixels that it takes until it is there. Default 240. */
  height?: number;
}

/** In place of what was asked for: that it is waited for, or why it cannot be had. Nothing where it is there, if only from before. */
export function QueryState({ query: { data, error, refetch }, what, title, height = 240 }: QueryStateProps) {
  if (data !== undefined) return null;
  if (error) return <ErrorNotice error={error} title={title} onRetry={() => void refetch()} mb="md" />;
  return <Skeleton role="img" h={height} aria-label={`Loading ${what}`} />;
}
