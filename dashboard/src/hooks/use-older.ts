import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import type { ApiError } from '../api/api-error.ts';

/** A page of something that is listed newest first. */
export interface OlderPage<Row> {
  rows: Row[];
  /** `before` of the next page. */
  next: number;
  more: boolean;
}

/** Pages, newest first, the next one when it is asked for. `name` is what they are of. */
export function useOlder<Row>(
  name: readonly unknown[],
  read: (before: number | undefined, signal: AbortSignal) => Promise<OlderPage<Row>>,
) {
  const query = useInfiniteQuery<
    OlderPage<Row>,
    ApiError,
    InfiniteData<OlderPage<Row>>,
    readonly unknown[],
    number | undefined
  >({
    queryKey: name,
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    getNextPageParam: last => (last.more ? last.next : undefined),
  });
  return {
    rows: query.data?.pages.flatMap(page => page.rows),
    error: query.error,
    more: query.hasNextPage,
    loading: query.isFetching,
    fetchMore: () => void query.fetchNextPage(),
    refresh: () => void query.refetch(),
    asOf: query.dataUpdatedAt,
  };
}
