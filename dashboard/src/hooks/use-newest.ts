import { useInfiniteQuery } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import type { FoundItem, NewestPage, NewestQuery } from '../api/newest-items.ts';
import { newestItems } from '../api/newest-items.ts';
import { refreshFunctions } from '../api/use-invoke.ts';
import { useBucketState } from './use-bucket-state.ts';

/** What {@link useNewest} looks for, and how it is shown. */
export interface UseNewestOptions<Row> extends Omit<NewestQuery, 'from' | 'signal'> {
  /** Names `matches` and `read`, so that the answer is kept. */
  name: string;
  /** What an item says; several may share one. Default: the item. */
  read?: (item: FoundItem) => Promise<Row> | Row;
  enabled?: boolean;
}

/** Items so far, newest first. */
export interface Newest<Row> {
  rows: Row[];
  /** Undefined until the first answer. */
  scanned: number | undefined;
  error: unknown;
  more: boolean;
  loading: boolean;
  loadMore(): void;
  refresh(): void;
}

/** Asked again so often while little of it is shown. */
const REFRESH_MS = 4_000;

interface ReadPage<Row> extends Omit<NewestPage, 'items'> {
  rows: Row[];
}

/** The latest items of a bucket, a page at a time. As long as one page is shown it stays up to date. */
export function useNewest<Row = FoundItem>({
  name,
  read,
  enabled = true,
  ...query
}: UseNewestOptions<Row>): Newest<Row> {
  const { bucket, filter } = query;
  const { readable, missing, refused } = useBucketState(bucket);
  const result = useInfiniteQuery({
    queryKey: ['kv-key-list', 'newest', bucket, filter, name],
    enabled: enabled && readable,
    initialPageParam: undefined as number | undefined,
    queryFn: async ({ pageParam, signal }): Promise<ReadPage<Row>> => {
      const { items, ...rest } = await newestItems({ ...query, from: pageParam, signal });
      const rows = read ? await Promise.all(items.map(read)) : (items as Row[]);
      return { ...rest, rows };
    },
    getNextPageParam: ({ next }) => (next > 0 ? next : undefined),
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : REFRESH_MS),
  });
  const pages = refused ? undefined : missing ? [] : result.data?.pages;
  return {
    rows: pages?.flatMap(({ rows }) => rows) ?? [],
    scanned: pages?.reduce((sum, { scanned }) => sum + scanned, 0),
    error: refused ? forbidden(refused) : pages ? undefined : (result.error ?? undefined),
    more: !missing && result.hasNextPage,
    loading: result.isFetchingNextPage || (result.isLoading && enabled),
    loadMore: () => void result.fetchNextPage(),
    refresh: () => void (missing ? refreshFunctions('kv-bucket-list') : result.refetch()),
  };
}

/** What the server would answer; it is not asked, for the answer is known. */
function forbidden(message: string): ApiError {
  return new ApiError({ code: 'FORBIDDEN', message, retryable: false }, { status: 403 });
}
