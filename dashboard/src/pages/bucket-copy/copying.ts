import type {
  KvBucketCopyInput,
  KvBucketCopyOutput,
  KvBucketSendInput,
} from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import type { ScanWork } from '../../hooks/use-scan.ts';

/** A copy within this kvflow, or one to another. */
export type CopyCall =
  | { function: 'kv-bucket-copy'; input: KvBucketCopyInput }
  | { function: 'kv-bucket-send'; input: KvBucketSendInput };

/** What was copied so far, or would be. */
export type Copying = Pick<KvBucketCopyOutput, 'copied' | 'skipped' | 'failed'>;

/** Failures that are named. */
const MAX_FAILED = 200;

/** Copies call by call, or only counts what would be copied. */
export function copyKeys(call: CopyCall, dryRun: boolean): ScanWork<Copying> {
  return async (signal, tell) => {
    let sums: Copying = { copied: 0, skipped: 0, failed: [] };
    let cursor: string | undefined;
    do {
      const more = { dry_run: dryRun, ...(cursor !== undefined && { cursor }) };
      const page =
        call.function === 'kv-bucket-copy'
          ? await invoke(call.function, { ...call.input, ...more }, { signal })
          : await invoke(call.function, { ...call.input, ...more }, { signal });
      sums = {
        copied: sums.copied + page.copied,
        skipped: sums.skipped + page.skipped,
        failed: [...sums.failed, ...page.failed].slice(0, MAX_FAILED),
      };
      tell(sums);
      cursor = page.has_more ? page.cursor : undefined;
    } while (cursor !== undefined);
  };
}
