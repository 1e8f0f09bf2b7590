import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { notify } from '../lib/notify.ts';
import type { ApiError } from './api-error.ts';
import type { InputOf, OutputOf } from './invoke.ts';
import { invoke } from './invoke.ts';
import { queryClient } from './query-client.ts';

/** How a query is kept. */
export interface UseInvokeOptions {
  /** False: it is not asked yet. */
  enabled?: boolean;
  /** Asked again so often, in milliseconds, while it is shown. */
  everyMs?: number;
  /** Shows the last answer while the next, to another input, is on its way. */
  keepLast?: boolean;
  /** Its numbers keep their digits, see exact-number.ts: for what is shown as it was stored. */
  exact?: boolean;
}

/** What a function answers, as a query. Its key is `[name, input]`, so `refreshFunctions(name)` asks again. */
export function useInvoke<const Name extends string>(
  name: Name,
  input: InputOf<Name>,
  { enabled = true, everyMs, keepLast = false, exact = false }: UseInvokeOptions = {},
): UseQueryResult<OutputOf<Name>, ApiError> {
  return useQuery<OutputOf<Name>, ApiError>({
    queryKey: [name, input],
    queryFn: ({ signal }) => invoke(name, input, { signal, exact }),
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
    // Of such numbers it would make other objects.
    ...(exact && { structuralSharing: false }),
    ...(keepLast && { placeholderData: keepPreviousData as never }),
  });
}

/** What happens after an action worked. */
export interface UseActionOptions<Output> {
  /** Said in a notice. */
  done?: string | ((output: Output) => string);
  /** Functions whose answers on the page are no longer true. Default: all that read. */
  refresh?: readonly string[];
}

/** A function that changes something, as a mutation: `action.mutate(input)`, `action.error`, `action.isPending`. */
export function useAction<const Name extends string>(
  name: Name,
  { done, refresh = READING }: UseActionOptions<OutputOf<Name>> = {},
): UseMutationResult<OutputOf<Name>, ApiError, InputOf<Name>> {
  return useMutation<OutputOf<Name>, ApiError, InputOf<Name>>({
    mutationFn: input => invoke(name, input),
    onSuccess: output => {
      if (done !== undefined) notify(typeof done === 'function' ? done(output) : done);
      void refreshFunctions(...refresh);
    },
  });
}

/** Asks again for what these functions answered, where it is shown. */
export async function refreshFunctions(...names: string[]): Promise<void> {
  await Promise.all(names.map(name => queryClient.invalidateQueries({ queryKey: [name] })));
}

const READING = [
  'kv-bucket-list',
  'kv-bucket-info',
  'kv-account-info',
  'kv-key-list',
  'kv-key-get',
  'kv-key-history',
  'transform-session-list',
  'identify-visitor-list',
  'identify-visitor-get',
  'identify-event-list',
  'identify-change-list',
  'identify-pending-list',
];
