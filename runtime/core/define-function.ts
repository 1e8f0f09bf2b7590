import type { Call } from './call.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { Principal } from './principal.ts';
import type { Recognition } from './recognition-port.ts';
import type { Remote } from './remote.ts';
import type { Scripting } from './scripts.ts';

/** The world as a function sees it, made for who calls: nothing is reached but through this, and every right is checked in it. */
export interface FunctionContext extends Call {
  readonly kv: KvStore;
  /** What runs users' scripts; started when it is first asked for. */
  scripting(): Promise<Scripting>;
  /** What recognizes users; started when it is first asked for. Throws UNSUPPORTED where it is switched off. */
  recognition(): Promise<Recognition>;
  /** Calls functions of other kvflows, where a setting allows it. */
  readonly remote: Remote;
  readonly principal: Principal;
  /** For what waits: throws UNAUTHENTICATED or FORBIDDEN where the caller may not make this call any more. */
  readmit(): void;
  /** Sent back as `x-invocation-id`. */
  readonly invocationId: string;
}

/** The code of one function; its schemas, texts and annotations are in `schemas/<name>.json`. */
export interface FunctionDefinition<Input = never, Output = unknown> {
  /** Milliseconds a call may take unless the caller sets less. Default 10,000. */
  timeoutMs?: number;
  run(input: Input, ctx: FunctionContext): Promise<Output>;
}

/**
 * Types one function. The file's name is the function's name.
 * @example
 * import type { KvKeyGetInput } from '../../contract/types.gen.ts';
 * import { defineFunction } from './define-function.ts';
 *
 * export default defineFunction<KvKeyGetInput, { length: number }>({
 *   async run({ bucket, key }, ctx) {
 *     const found = await ctx.kv.get(ctx, { bucket, key });
 *     return { length: found && 'value' in found ? found.value.length : 0 };
 *   },
 * });
 */
export function defineFunction<Input, Output>(
  definition: FunctionDefinition<Input, Output>,
): FunctionDefinition<Input, Output> {
  return definition;
}
