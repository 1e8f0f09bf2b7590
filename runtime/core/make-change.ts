import type { Change } from './changes.ts';
import type { FunctionContext } from './define-function.ts';
import type { Pointers } from './pointing.ts';
import { pointing } from './pointing.ts';

/** Makes one change by itself, that of the call's own key: the revision, when the item expires, and what the change came to. `pointers` say where faults of the new value are in the input. */
export async function makeChange<T>(
  ctx: FunctionContext,
  bucket: string,
  { operation, result }: Change<T>,
  pointers: Pointers = {},
): Promise<{ revision: number; expires_at?: string; result: T }> {
  const { results } = await pointing({ ...pointers, '/operations/0': '' }, () =>
    ctx.kv.transact(ctx, { bucket, operations: [operation] }),
  );
  const { revision = 0, expiresAt } = results[0] ?? {};
  return { revision, ...(expiresAt && { expires_at: expiresAt }), result: result() };
}
