import type { KvBucketUsageOutput, LargestItem, UsageGroup } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import type { ScanWork } from '../../hooks/use-scan.ts';

/** What has been counted so far. */
export interface Usage {
  /** The most bytes first. */
  groups: UsageGroup[];
  /** Groups beyond those that a call answers, summed. */
  othersBytes: number;
  largest: LargestItem[];
  /** Bytes of all that was counted. */
  bytes: number;
  /** Bytes of the whole bucket, as the server has them. */
  bucketBytes: number;
  scanned: number;
}

/** Which part of a bucket is counted. */
export interface UsageRange {
  bucket: string;
  /** How the keys begin; empty: every key. Ends with the separator. */
  prefix: string;
  separator: string;
}

/** Groups that a call answers. */
const MAX_GROUPS = 1_000;
const MAX_LARGEST = 20;
type Figures = Omit<UsageGroup, 'prefix'>;

/** Counts a bucket call by call, and tells the sums after each. */
export function countUsage(range: UsageRange): ScanWork<Usage> {
  return async (signal, tell) => {
    const sums = createSums(range);
    let cursor: string | undefined;
    do {
      const answer = await invoke('kv-bucket-usage', inputOf(range, cursor), { signal });
      tell(sums.add(answer));
      ({ cursor } = answer);
    } while (cursor !== undefined);
  };
}

/** The pattern of the keys that begin so, for what takes patterns alone; undefined where a pattern cannot say it. */
export function patternOf({ prefix, separator }: Omit<UsageRange, 'bucket'>): string | undefined {
  if (prefix === '') return '>';
  return separator === '.' && /^[^\s*>]+\.$/.test(prefix) ? `${prefix}>` : undefined;
}

function inputOf(range: UsageRange, cursor: string | undefined) {
  const { bucket, prefix, separator } = range;
  const filter = patternOf(range);
  return {
    bucket,
    separator,
    depth: prefix.split(separator).length,
    limit: MAX_GROUPS,
    ...(filter !== undefined && { filter }),
    ...(cursor !== undefined && { cursor }),
  };
}

/** Adds up the answers of one count. */
function createSums({ prefix: begin }: UsageRange) {
  const groups = new Map<string, UsageGroup>();
  let largest: LargestItem[] = [];
  let [othersBytes, scanned] = [0, 0];
  return { add };

  function add(answer: KvBucketUsageOutput): Usage {
    for (const { prefix, ...figures } of answer.groups) {
      if (prefix.startsWith(begin)) groups.set(prefix, { prefix, ...plus(groups.get(prefix), figures) });
    }
    const more = answer.largest.filter(({ key }) => key.startsWith(begin));
    largest = [...largest, ...more].sort((a, b) => b.size - a.size).slice(0, MAX_LARGEST);
    othersBytes += answer.others?.bytes ?? 0;
    scanned += answer.scanned;
    const sorted = [...groups.values()].sort((a, b) => b.bytes - a.bytes);
    const bytes = sorted.reduce((sum, group) => sum + group.bytes, othersBytes);
    return { groups: sorted, othersBytes, largest, bytes, bucketBytes: answer.bucket_bytes, scanned };
  }
}

function plus(known: Figures | undefined, more: Figures): Figures {
  if (!known) return more;
  return {
    bytes: known.bytes + more.bytes,
    revisions: known.revisions + more.revisions,
    markers: known.markers + more.markers,
    recent_bytes: known.recent_bytes + more.recent_bytes,
    keys: known.keys + more.keys,
    value_bytes: known.value_bytes + more.value_bytes,
    without_ttl: known.without_ttl + more.without_ttl,
  };
}
