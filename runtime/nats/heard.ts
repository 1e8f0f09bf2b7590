import type { StreamInfo } from './stream-types.ts';

/** How many milliseconds ago a stream's leader last heard from a majority, itself among them; 0 for one copy, Infinity: never yet. */
export function heardMsAgo({ config, cluster }: StreamInfo): number {
  const others = cluster?.replicas ?? [];
  if (config.num_replicas === 1 || others.length === 0) return 0;
  const silent = others
    .map(({ active }) => (active ? active / 1_000_000 : Number.POSITIVE_INFINITY))
    .sort((a, b) => a - b);
  // The leader itself is one of the majority.
  const needed = Math.floor((others.length + 1) / 2);
  return silent[needed - 1] ?? 0;
}
