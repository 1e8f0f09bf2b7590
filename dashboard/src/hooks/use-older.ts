import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type ApiError, forbidden } from '../api/api-error.ts';

/** Where a page begins. */
type Place = string | number | undefined;

/** A page of something that is listed newest first. */
export interface OlderPage<Row> {
  rows: Row[];
  /** Where the next page begins; undefined: this was the last one. */
  next: Place;
}

/** How pages are asked for. */
export interface UseOlderOptions {
  /** Why this API key may not look: nothing is asked then, for the answer is known. */
  refused?: string | undefined;
  /** Asked again so often, in milliseconds, as long as one page is shown. Default: when somebody says so. */
  everyMs?: number;
}

/** Rows so far, newest first. */
export interface Older<Row> {
  /** Undefined until the first answer. The same array for as long as it holds the same. */
  rows: Row[] | undefined;
  error: ApiError | null;
  more: boolean;
  loading: boolean;
  fetchMore(): void;
  refresh(): void;
  /** When it was asked, in milliseconds since 1970. */
  asOf: number;
}

/** Pages, newest first, the next one when it is asked for. `name` is what they are of. */
export function useOlder<Row>(
  name: readonly unknown[],
  read: (place: Place, signal: AbortSignal) => Promise<OlderPage<Row>>,
  { refused, everyMs }: UseOlderOptions = {},
): Older<Row> {
  const query = useInfiniteQuery<
    OlderPage<Row>,
    ApiError,
    InfiniteData<OlderPage<Row>>,
    readonly unknown[],
    Place
  >({
    queryKey: name,
    enabled: refused === undefined,
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) =>
      everyMs === undefined || (state.data?.pages.length ?? 0) > 1 ? false : everyMs,
  });
  const { data } = query;
  const rows = useMemo(() => data?.pages.flatMap(page => page.rows), [data]);
  return {
    rows,
    error: refused === undefined ? query.error : forbidden(refused),
    more: query.hasNextPage,
    loading: query.isFetchingNextPage || query.isLoading,
    fetchMore: () => void query.fetchNextPage(),
    refresh: () => void query.refetch(),
    asOf: query.dataUpdatedAt,
  };
}
