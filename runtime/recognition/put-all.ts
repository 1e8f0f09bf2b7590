import { PackError } from '../../contract/errors.ts';
import type { KvTransactPut } from '../core/ports/transactions.ts';
import type { JobContext } from './job.ts';
import { windowOf } from './job.ts';

/**
 * Puts values into the bucket of events, for its window, in as few commits as there can be. Answers the revision of each,
 * or why it alone was refused: REVISION_CONFLICT where its key is at another revision than expected, VALUE_TOO_LARGE. Throws
 * whatever else one of them failed with; what is put twice must do no harm.
 */
export async function putAll(
  ctx: Pick<JobContext, 'kv' | 'call' | 'settings'>,
  puts: readonly Pick<KvTransactPut, 'key' | 'value' | 'expectedRevision'>[],
): Promise<(number | PackError)[]> {
  if (puts.length === 0) return [];
  const ttl = windowOf(ctx.settings);
  const all = puts.map(put => ({ ...put, ttl }));
  const answers = await ctx.kv.putMany(ctx.call, ctx.settings.bucket, all);
  return answers.map(answer => {
    if (!(answer instanceof PackError)) return answer.revision;
    if (answer.code !== 'REVISION_CONFLICT' && answer.code !== 'VALUE_TOO_LARGE') throw answer;
    return answer;
  });
}
