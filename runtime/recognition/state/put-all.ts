import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { KvTransactPut } from '../../core/ports/transactions.ts';
import type { JobContext } from '../identify/job.ts';
import { windowOf } from '../identify/job.ts';

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
  return (await ctx.kv.putMany(ctx.call, ctx.settings.bucket, all)).map(answer => {
    if (!(answer instanceof PackError)) return answer.revision;
    if (answer.code !== 'REVISION_CONFLICT' && answer.code !== 'VALUE_TOO_LARGE') throw answer;
    return answer;
  });
}

/** Puts values into any bucket, in as few commits as there can be. Throws what one of them was refused for; the others are there then. */
export async function putEach(
  kv: KvStore,
  call: Call,
  { bucket, puts }: { bucket: string; puts: readonly KvTransactPut[] },
): Promise<void> {
  if (puts.length === 0) return;
  const refused = (await kv.putMany(call, bucket, puts)).find(answer => answer instanceof PackError);
  if (refused) throw refused;
}
