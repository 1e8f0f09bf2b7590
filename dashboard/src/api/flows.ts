import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { FlowsStatus } from '../../../contract/flows-status.ts';
import type { ApiError } from './api-error.ts';
import { queryClient } from './query-client.ts';
import { requestJson } from './request.ts';

const PATH = '/flows/process';
const LOOK_MS = 2_000;

/** The flows' process now, asked again every two seconds. */
export function useFlows(): UseQueryResult<FlowsStatus, ApiError> {
  return useQuery<FlowsStatus, ApiError>({
    queryKey: [PATH],
    queryFn: ({ signal }) => requestJson<FlowsStatus>(PATH, { signal }),
    refetchInterval: LOOK_MS,
  });
}

/** Starts the process, or starts it again, with flows or without. */
export function useFlowsMode(): UseMutationResult<FlowsStatus, ApiError, 'on' | 'safe'> {
  return useMutation<FlowsStatus, ApiError, 'on' | 'safe'>({
    mutationFn: mode =>
      requestJson<FlowsStatus>(PATH, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ mode }),
      }),
    onSuccess: status => queryClient.setQueryData([PATH], status),
  });
}
