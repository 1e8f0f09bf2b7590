import type { StreamInfo } from './stream-types.ts';

/** How many milliseconds ago a stream's leader last heard from a majority, itself among them; 0 for one copy, Infinity: never yet. */
export function heardMsAgo(info: StreamInfo): number {
  const { config, cluster } = info;
  const others = cluster?.replicas ?? [];
  if (config.num_replicas === 1 || others.length === 0) return 0;
  // The leader itself is one of the majority.
  const needed = Math.floor((others.length + 1) / 2);
  return silences(info)[needed - 1] ?? 0;
}

/** How many milliseconds ago it last heard from each of the others; Infinity: never yet from some, or it does not tell of all. */
export function heardAllMsAgo(info: StreamInfo): number {
  const all = silences(info);
  return all.length < info.config.num_replicas - 1 ? Number.POSITIVE_INFINITY : (all.at(-1) ?? 0);
}

/** Of each other server, for how many milliseconds it has said nothing; the shortest first. */
function silences({ cluster }: StreamInfo): number[] {
  return (cluster?.replicas ?? [])
    .map(({ active }) => (active ? active / 1_000_000 : Number.POSITIVE_INFINITY))
    .sort((a, b) => a - b);
}
