import type { BucketReport } from '../../nats/kv/inspect.ts';
import type { BucketFill } from '../../server/store-metrics.ts';

/** How full buckets are, and how fast they fill. */
export interface Fill {
  /** Takes what a look has found. */
  note(buckets: readonly BucketReport[]): void;
  /** Those with a limit, the fullest first. */
  figures(): BucketFill[];
}

interface Seen {
  created: string;
  /** The oldest first, of the last ten minutes. */
  points: { at: number; bytes: number }[];
  limit: number;
}

const WINDOW_MS = 600_000;
/** Two looks at the start are seconds apart: what was written between them says nothing of the next hours. */
const MIN_MS = 60_000;
/** Names of buckets are labels of metrics, which cost those who keep them. */
const MAX = 200;

/** Watches buckets that have `max_bytes`; `now` in milliseconds. */
export function createFill(now: () => number = Date.now): Fill {
  let seen = new Map<string, Seen>();
  return { note, figures };

  function note(buckets: readonly BucketReport[]): void {
    const at = now();
    const limited = buckets.filter(({ maxBytes }) => maxBytes > 0);
    seen = new Map(
      limited.map(({ bucket, created, bytes, maxBytes: limit }) => {
        const before = seen.get(bucket);
        // One that was made again has another past.
        const past =
          before?.created === created ? before.points.filter(point => point.at >= at - WINDOW_MS) : [];
        return [bucket, { created, limit, points: [...past, { at, bytes }] }];
      }),
    );
  }

  function figures(): BucketFill[] {
    const all = [...seen].map(([bucket, one]) => fillOf(bucket, one));
    return all.sort((a, b) => b.bytes / b.limit - a.bytes / a.limit).slice(0, MAX);
  }
}

/** As fast as over the last ten minutes, or as long as it is known; said once that is a minute. */
function fillOf(bucket: string, { points, limit }: Seen): BucketFill {
  const first = points[0];
  const last = points.at(-1);
  const bytes = last?.bytes ?? 0;
  if (!first || !last || last.bytes <= first.bytes || last.at - first.at < MIN_MS)
    return { bucket, bytes, limit };
  const perSecond = (last.bytes - first.bytes) / ((last.at - first.at) / 1_000);
  return { bucket, bytes, limit, fullInSeconds: Math.max(0, Math.round((limit - bytes) / perSecond)) };
}
