/** Events that a script failed at, kept as dead letters until somebody looks at them. */

import { createHash } from 'node:crypto';
import { stringifyExact } from '../../contract/exact-json.ts';
import { DEAD_BUCKET, OWN_BUCKETS } from '../../contract/own-buckets.ts';
import type { TransformInput } from '../../contract/types.gen.ts';
import type { FunctionContext } from './define-function.ts';
import { pipelined } from './pipeline.ts';
import { authorizeBucket } from './principal.ts';
import { namespaceOf } from './run-scripts.ts';
import { safeToken } from './safe-token.ts';
import type { ScriptFault } from './scripts.ts';
import type { DeadLetter } from './state/dead-letters.ts';
import { deadKey, putDeadLetter } from './state/dead-letters.ts';
import { sharedOwnedBucket } from './state/owned-bucket.ts';
import { isTooLarge } from './state/pack.ts';

/** The `source` of transform's dead letters. */
export const SOURCE = 'transform';

const KEPT_NS = 31 * 86_400 * 1_000_000_000;
const IN_FLIGHT = 64;

/** An event that failed, and why. */
export interface FailedEvent {
  /** Where a line is no JSON object, its text. */
  event: DeadLetter['event'];
  error: ScriptFault;
  /** Of the letter that it was replayed from: it is replaced. */
  key?: string;
}

/** Throws FORBIDDEN unless the caller may use the bucket of dead letters, by its name or as one who may use all: asked before scripts run. */
export function authorizeLetters({ principal }: FunctionContext): void {
  authorizeBucket(principal, DEAD_BUCKET);
}

/**
 * Keeps events that failed for 31 days, each with why and with the call's settings: under
 * `transform.<namespace>.<script>.<hash of the event>`, so that an event that fails again is one letter. One that is too
 * large costs itself alone.
 */
export async function keepLetters(
  ctx: FunctionContext,
  input: TransformInput,
  failed: readonly FailedEvent[],
): Promise<void> {
  if (failed.length === 0) return;
  const bucket = sharedOwnedBucket(ctx.kv, { name: DEAD_BUCKET, ...OWN_BUCKETS[DEAD_BUCKET] });
  const { event: _event, events: _events, ndjson: _ndjson, ...settings } = input;
  const namespace = namespaceOf(input);
  const script = input.script_id ?? 'inline';
  const at = new Date().toISOString();
  await bucket.use(ctx, () =>
    pipelined(failed, IN_FLIGHT, async ({ event, error, key: replayed }) => {
      const hash = createHash('sha256').update(stringifyExact(event)).digest('hex');
      const key = replayed ?? deadKey(SOURCE, safeToken(namespace), script, hash);
      const stack = error.stack ? `\n${error.stack}` : '';
      const letter: DeadLetter = {
        v: 1,
        source: SOURCE,
        destination: namespace,
        event,
        code: error.code,
        message: `${error.message}${stack}`,
        at,
        by: ctx.invocationId,
        settings,
      };
      await keepWhatFits(ctx, key, letter);
    }),
  );
}

/** The whole letter; where that is too large, compressed too, the event without the call's settings, or the reason alone. */
async function keepWhatFits(ctx: FunctionContext, key: string, letter: DeadLetter): Promise<void> {
  const { namespace, script_id } = letter.settings as TransformInput;
  const part = { ...letter, v: 2, settings: { namespace, script_id } } as const;
  const forms: DeadLetter[] = [
    letter,
    { ...part, leftOut: 'settings' },
    { ...part, leftOut: 'event', event: {} },
  ];
  for (const [at, form] of forms.entries()) {
    try {
      return await putDeadLetter(ctx.kv, ctx, { key, letter: form, ttl: KEPT_NS });
    } catch (error) {
      if (!isTooLarge(error) || at === forms.length - 1) throw error;
    }
  }
}
