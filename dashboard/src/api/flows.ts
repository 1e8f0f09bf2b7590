import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ApiError } from './api-error.ts';
import { queryClient } from './query-client.ts';
import { requestJson } from './request.ts';

/** What becomes of the process that runs the flows, as GET /flows/process tells it. */
export interface FlowsStatus {
  mode: 'on' | 'safe' | 'off';
  state: 'idle' | 'starting' | 'running' | 'waiting' | 'stopped';
  flows_running: boolean;
  /** How often it ended by itself. */
  restarts: number;
  resident_bytes?: number;
  ended?: { at: string; why: string };
  /** RFC 3339; only while it waits. */
  again_at?: string;
}

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
