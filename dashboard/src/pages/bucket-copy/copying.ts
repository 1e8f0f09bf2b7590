import type { KvBucketCopyInput, KvBucketCopyOutput } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import type { ScanWork } from '../../hooks/use-scan.ts';

/** What was copied so far, or would be. */
export type Copying = Pick<KvBucketCopyOutput, 'copied' | 'skipped' | 'failed'>;

/** Failures that are named. */
const MOST_FAILED = 200;

/** Copies call by call, or only counts what would be copied. */
export function copyKeys(input: KvBucketCopyInput, dryRun: boolean): ScanWork<Copying> {
  return async (signal, tell) => {
    let sums: Copying = { copied: 0, skipped: 0, failed: [] };
    let cursor: string | undefined;
    do {
      const onward = cursor === undefined ? {} : { cursor };
      const page = await invoke('kv-bucket-copy', { ...input, dry_run: dryRun, ...onward }, { signal });
      sums = {
        copied: sums.copied + page.copied,
        skipped: sums.skipped + page.skipped,
        failed: [...sums.failed, ...page.failed].slice(0, MOST_FAILED),
      };
      tell(sums);
      cursor = page.has_more ? page.cursor : undefined;
    } while (cursor !== undefined);
  };
}
