import { heardAllMsAgo, heardMsAgo } from '../../heard.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamInfo } from '../../stream-types.ts';

/** That one server led a stream and no other did: until when, in milliseconds of the process's own clock. */
export interface Lease {
  readonly leader: string | undefined;
  readonly connection: number;
  /** Until when a leader before it may take itself for one, by the same clock. */
  readonly formerUntil: number;
  until: number;
  /** Whether every other server was heard to follow the leader, so that none of them leads. */
  isFollowed: boolean;
}

/**
 * Followers of a leader that they hear do not stand for election for at least four seconds (nats-server, raft.go:
 * `minElectionTimeout`); one second of it is left to clocks that run apart and to answers on their way.
 */
export const LEASE_MS = 3_000;
/** A server that hears no majority gives up leading within so long (nats-server, raft.go: `lostQuorumInterval`, and as long until it looks). */
const FORMER_MS = 20_000;

/**
 * The lease that begins by what was said of one leader, of a question `asked` at that moment; undefined where that was no time for one.
 * Whoever led before was replaced when this leader was elected, which it says since nats-server 2.12; else by the time that it is heard.
 */
export function leaseBy(
  infos: readonly StreamInfo[],
  { asked, connection }: { asked: number; connection: number },
): Lease | undefined {
  const [leader, ...others] = new Set(infos.map(({ cluster }) => cluster?.leader));
  const heard = performance.now();
  const until = asked + Math.min(...infos.map(leaseMs));
  if (infos.length === 0 || others.length > 0 || until < heard) return undefined;
  const led = Math.min(...infos.map(info => ledMs(info) ?? 0));
  return {
    leader,
    connection,
    formerUntil: heard - led + FORMER_MS,
    until,
    isFollowed: infos.every(isFollowedByAll),
  };
}

/** Whether a leader before it that runs may come back, and not know of the present one. */
export function mayMeetFormer({ isFollowed, formerUntil }: Lease): boolean {
  return !isFollowed && performance.now() < formerUntil;
}

/** Whether it lasts for so many milliseconds more. */
export function isHeld({ until, connection }: Lease, api: JsApi, forMs: number): boolean {
  return connection === api.connections() && performance.now() + forMs <= until;
}

/**
 * Whether every other server was heard by this one as its leader less than an election ago. A former leader that was cut off is
 * not heard before it follows too (nats-server, raft.go: `processAppendEntry`), and then no longer takes itself for the leader. What it said
 * while it led counts as well, before the server says since when it leads (2.12).
 */
export function isFollowedByAll(info: StreamInfo): boolean {
  return heardAllMsAgo(info) < Math.min(LEASE_MS, ledMs(info) ?? LEASE_MS);
}

/** For how long from the question on the leader stays the only one, by when a majority heard from it. */
export function leaseMs(info: StreamInfo): number {
  const hasOthers = info.config.num_replicas > 1 && (info.cluster?.replicas ?? []).length > 0;
  return hasOthers ? LEASE_MS - heardMsAgo(info) : Number.POSITIVE_INFINITY;
}

/** How long it had led when it answered, by its own clock; undefined: it does not say. */
function ledMs({ ts, cluster }: StreamInfo): number | undefined {
  return ts && cluster?.leader_since ? Date.parse(ts) - Date.parse(cluster.leader_since) : undefined;
}
