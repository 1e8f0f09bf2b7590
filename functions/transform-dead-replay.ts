import type { TransformDeadReplayInput, TransformDeadReplayOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { dropLetters, findLetters, replayLetters } from '../runtime/core/script-dead.ts';
import { namedUnreadable } from '../runtime/core/state/dead-letters.ts';

/** As transform itself. */
const TIMEOUT_MS = 60_000;
const PAGE = 100;

export default defineFunction<TransformDeadReplayInput, TransformDeadReplayOutput>({
  timeoutMs: TIMEOUT_MS,
  async run({ script, keep = false, ...input }, ctx) {
    const found = await findLetters(ctx, { ...input, limit: input.limit ?? PAGE });
    const { letters, cursor } = found;
    const { events, done, failures } = await replayLetters(ctx, letters, script);
    if (!keep) await dropLetters(ctx, done);
    return {
      events,
      replayed: done.length,
      failed: failures.length,
      ...(failures.length > 0 && { failures }),
      ...namedUnreadable(found),
      more: cursor !== undefined,
      ...(cursor !== undefined && { cursor }),
    };
  },
});
