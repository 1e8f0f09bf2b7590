import type { FunctionSpec } from '../../api/functions.ts';

/** A call to be made from elsewhere. */
export interface CopiedCall {
  spec: FunctionSpec;
  input: Record<string, unknown>;
  /** Where kvflow is, without a slash at its end. */
  origin: string;
  /** Whether kvflow asks for an API key. The key itself is never part of a copy. */
  keysRequired: boolean;
}
