import type { UseQueryResult } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';
import type { JsonSchema } from '../lib/json-schema.ts';
import { requestJson } from './request.ts';

/** A function as the list of functions tells of it. */
export interface FunctionSummary {
  name: string;
  title: string;
  description: string;
  category: string;
  annotations: { readOnly: boolean; destructive: boolean; idempotent: boolean };
}

/** A function with its schemas, which stand alone: references are written out. */
export interface FunctionSpec extends FunctionSummary {
  /** Property of its answer that is false where there is nothing to go on with. */
  otherwise?: { property: string; name: string };
  errors: string[];
  examples: FunctionExample[];
  input: JsonSchema;
  output: JsonSchema;
}

/** An example of a function, with the calls it presumes. */
export interface FunctionExample {
  title: string;
  input: Record<string, unknown>;
  output?: Record<string, unknown>;
  error?: string;
  given?: { function: string; input: Record<string, unknown> }[];
}

const FOR_LONG = { staleTime: 5 * 60_000, gcTime: Number.POSITIVE_INFINITY };

/** The functions that this API key may call. */
export function useFunctions(): UseQueryResult<FunctionSummary[]> {
  return useQuery({
    queryKey: ['functions'],
    queryFn: async () => (await requestJson<{ functions: FunctionSummary[] }>('/functions')).functions,
    ...FOR_LONG,
  });
}

/** One function with its schemas. */
export function useFunction(name: string, { enabled = true } = {}): UseQueryResult<FunctionSpec> {
  return useQuery({
    enabled,
    queryKey: ['functions', name],
    queryFn: () => requestJson<FunctionSpec>(`/functions/${encodeURIComponent(name)}`),
    ...FOR_LONG,
  });
}
