import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import { untilOwnDeadline } from '../../../core/own-deadline.ts';
import { firstWithin } from '../../beside.ts';
import type { JsApi } from '../../js-api.ts';
import { ELECTION_MS } from '../../js-api.ts';
import { isAway, isUnanswered, noAnswer } from '../../request-errors.ts';
import type { StreamView } from '../bucket/stream-view.ts';
import type { Lease } from './lease.ts';
import { isFollowedByAll, isHeld, LEASE_MS, leaseBy, leaseMs, mayMeetFormer } from './lease.ts';

/** A stream with a leader, as far as it matters who leads it. */
export type LedStream = Pick<StreamView, 'api' | 'bucket' | 'stream' | 'config'>;

/** Who is asked who leads. */
type Asked = Pick<LedStream, 'api' | 'stream'>;

/**
 * Reads so that the answer itself shows that it has all that the leader of this name had when it was asked; undefined: it does not show,
 * which says nothing.
 */
export type Prove<T> = (leader: string | undefined) => Promise<Proven<T>>;

/** What came of it. */
export type Proven<T> = { answer: T } | 'another leads' | undefined;

/** What is known of one stream. */
interface Known {
  readonly at: Asked;
  /** When it was last read, in milliseconds of the process's own clock. */
  readAt: number;
  lease?: Lease | undefined;
  /** The connection on which the leader was seen without the others, or was not heard, since a lease last began. */
  lost?: number | undefined;
  asking?: Promise<Lease | undefined> | undefined;
  agreeing?: Promise<number> | undefined;
}

/** With so much of a lease left it is renewed while reads go on. */
const RENEW_MS = 1_200;
const PAUSE_MS = 50;
/** A leader that says nothing for so long is asked with the others. */
const EXTEND_MS = 2_000;
/**
 * How long it is listened whether two servers take themselves for the leader: at first and after a pause, and after one was seen that did
 * not reach the others, or none was heard. When a cluster that was parted is whole again, its servers pass on messages of clients before
 * their own.
 */
const [LISTEN_MS, LISTEN_LONGER_MS] = [20, 600];
/** And where the one who leads says that all the others follow it: what they said to a former leader while it was cut off it hears late, just before it hears of the present one. */
const LISTEN_FOLLOWED_MS = 100;
/** It is listened longer where the servers answer slowly: so many times as long as they took to agree, and no longer than this. */
const [LISTEN_TIMES, LISTEN_MOST_MS] = [4, LEASE_MS / 2];
/** Without an answer for so long the servers are asked again whether they agree: a question that nobody leads is answered by nobody. */
const AGREE_AGAIN_MS = 200;
/** So long after a read another is likely; milliseconds. */
const LATELY_MS = 10_000;
const MAX_KNOWN = 10_000;

const streams = new WeakMap<JsApi, Map<string, Known>>();

/**
 * Reads from a stream's leader so that the answer has every write that was acknowledged before: a server that was cut off from the
 * others takes itself for the leader for up to ten seconds more, and answers reads. So a read counts only within a lease. It
 * begins with something that the leader does only together with a majority, and goes on as long as the leader says (STREAM.INFO)
 * that it heard from the others less than an election ago.
 *
 * What that costs, for each stream that is read and not for each read: nothing where there is one copy; one request in about two seconds while
 * reads go on, which no read waits for; about 25 ms for the first read after three seconds without any; 600 ms more for the first
 * one after a leader was seen that did not reach the others, or none was heard, and 100 ms in place of them where the leader says that all
 * the others follow it. A former leader that was cut off, or frozen, may be back before it knows of another, and answer what is read under the
 * lease of that other: as long as some server was not heard to follow, a read is one that shows whose answer it is, where there is a way
 * (`prove`); what cannot be read so has the servers agree each time, and listens 20 ms who leads, until the leader has led for 20 s. Waits
 * until a server leads that the others hear; throws UNAVAILABLE where none does within the time of an election, or the call's own where
 * that is shorter.
 */
export async function readUnderLease<T>(
  call: Call,
  at: LedStream,
  read: () => Promise<T>,
  prove?: Prove<T>,
): Promise<T> {
  if (at.config.num_replicas === 1) return await read();
  for (;;) {
    const lease = await leaseOf(call, at);
    const answered = lease.isFollowed
      ? { answer: await read() }
      : await readBesideFormer(call, { at, lease, read, prove });
    if (answered && isHeld(lease, at.api, 0)) return answered.answer;
  }
}

/** Reads where a server may come back that led before; undefined, and the lease is over, where another leads. */
async function readBesideFormer<T>(
  call: Call,
  {
    at,
    lease,
    read,
    prove,
  }: { at: LedStream; lease: Lease; read: () => Promise<T>; prove?: Prove<T> | undefined },
): Promise<{ answer: T } | undefined> {
  const proven = await prove?.(lease.leader);
  if (proven === 'another leads') return lose(lease);
  if (proven) return proven;
  return mayMeetFormer(lease) ? await readListening(call, { at, lease, read }) : { answer: await read() };
}

/** Reads while it is listened who leads; undefined, and the lease is over, where others do, who may have answered. */
async function readListening<T>(
  call: Call,
  { at, lease, read }: { at: LedStream; lease: Lease; read: () => Promise<T> },
): Promise<{ answer: T } | undefined> {
  const { api, stream } = at;
  const known = knownOf(at);
  for (let listenMs = LISTEN_MS; ; ) {
    // A former leader that hears it asks the others too, who tell it that it is none.
    const agreed = await orLost(agreeTogether(call, known));
    if (agreed === undefined) return lose(lease);
    const asked = performance.now();
    // Before the value: whoever takes itself for the leader then says so.
    const listening = api.leaders(call, stream, listenMs, { isAlone: isFollowedByAll, afterMs: listenMs });
    listening.catch(() => undefined); // Whoever reads is told.
    const answer = await read();
    const slow = LISTEN_TIMES * (performance.now() - asked);
    const infos = await listening;
    if (infos.some(({ cluster }) => cluster?.leader !== lease.leader)) return lose(lease);
    if (infos.length > 0 && (slow <= listenMs || listenMs >= LISTEN_MOST_MS)) return { answer };
    listenMs = Math.min(LISTEN_MOST_MS, Math.max(slow, 2 * listenMs));
  }
}

async function leaseOf(call: Call, at: LedStream): Promise<Lease> {
  const until = Math.min(call.deadline, Date.now() + ELECTION_MS);
  const known = knownOf(at);
  known.readAt = performance.now();
  for (;;) {
    const { lease } = known;
    if (lease && isHeld(lease, at.api, 0)) {
      if (!isHeld(lease, at.api, RENEW_MS)) void ask(at, known).catch(() => undefined);
      return lease;
    }
    if (isLost(known)) askBeside(at.api);
    const asked = await untilOwnDeadline(call, ask(at, known), noAnswer).catch((error: unknown) => {
      if (!isUnanswered(error) && !isAway(error)) throw error;
      if (Date.now() >= call.deadline || !at.api.connected()) throw error;
      return undefined;
    });
    if (asked && isHeld(asked, at.api, 0)) return asked;
    if (Date.now() + PAUSE_MS >= until) throw notLed(at);
    await sleep(PAUSE_MS);
  }
}

/** Whether its leader, or the connection that it was seen over, is gone; one that nobody read for a while is not lost. */
function isLost({ at, lease, lost }: Known): boolean {
  const connection = at.api.connections();
  return lost === connection || (lease !== undefined && lease.connection !== connection);
}

/** Streams that lost their leaders together are asked together, so that a call that reads one after the other waits once. */
function askBeside(api: JsApi): void {
  const now = performance.now();
  for (const known of streams.get(api)?.values() ?? []) {
    const { lease, at, readAt } = known;
    if (known.asking || (lease && isHeld(lease, api, 0)) || now - readAt > LATELY_MS) continue;
    ask(at, known).catch(() => undefined); // Whoever reads it is told.
  }
}

/** One question at a time for each stream: it has the time of an election, whoever asked first. */
function ask(at: Asked, known: Known): Promise<Lease | undefined> {
  known.asking ??= renew({ deadline: Date.now() + ELECTION_MS }, at, known).finally(() => {
    known.asking = undefined;
  });
  return known.asking;
}

async function renew(call: Call, at: Asked, known: Known): Promise<Lease | undefined> {
  const connection = at.api.connections();
  const { lease } = known;
  try {
    // One that ran out because nobody read begins again as the first did.
    if (!lease || !isHeld(lease, at.api, 0)) known.lease = await begin(call, at, known.lost === connection);
    else if (!(await extend(call, at, lease))) known.lease = undefined;
  } catch (error) {
    known.lost = connection;
    throw error;
  }
  known.lost = known.lease ? undefined : connection;
  return known.lease;
}

/** Whether the same server leads still, and hears the others. */
async function extend(call: Call, at: Asked, lease: Lease): Promise<boolean> {
  const asked = performance.now();
  const soon = { deadline: Math.min(call.deadline, Date.now() + EXTEND_MS) };
  const info = await orLost(at.api.streamInfo(soon, at.stream));
  if (!info || lease.leader !== info.cluster?.leader) return false;
  const until = asked + leaseMs(info);
  lease.until = Math.max(lease.until, until);
  lease.isFollowed = isFollowedByAll(info);
  return until > performance.now();
}

/** Ends it. */
function lose(lease: Lease): undefined {
  lease.until = 0;
}

/** Undefined where nobody answered. */
function orLost<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (!isAway(error) && !isUnanswered(error)) throw error;
    return undefined;
  });
}

/** One for all who are about to read. */
function agreeTogether(call: Call, known: Known): Promise<number> {
  known.agreeing ??= agreeSoon({ deadline: Date.now() + ELECTION_MS }, known.at).finally(() => {
    known.agreeing = undefined;
  });
  return untilOwnDeadline(call, known.agreeing, noAnswer);
}

/** The lease of the one server that leads with the others; undefined where that is not to be told yet. */
async function begin(call: Call, at: Asked, listenLonger: boolean): Promise<Lease | undefined> {
  const connection = at.api.connections();
  const took = await agreeSoon(call, at);
  const asked = performance.now();
  const least = listenLonger ? LISTEN_LONGER_MS : LISTEN_MS;
  const slow = Math.min(LISTEN_TIMES * took, LISTEN_MOST_MS);
  const alone = { isAlone: isFollowedByAll, afterMs: Math.max(LISTEN_FOLLOWED_MS, slow) };
  const infos = await at.api.leaders(call, at.stream, Math.max(least, slow), alone);
  return leaseBy(infos, { asked, connection });
}

/**
 * Resolves when they agreed, with how many milliseconds that took. Without a leader nobody answers: it is asked every so often, so
 * that the next one is heard soon, and the time until there was one says nothing of how slowly the servers answer.
 */
async function agreeSoon(call: Call, at: Asked): Promise<number> {
  const asked: Promise<number>[] = [];
  for (;;) {
    asked.push(agreeWithOthers(call, at));
    const took = await firstWithin(AGREE_AGAIN_MS, asked);
    if (took !== undefined) return took;
  }
}

/** Where NATS does not let kvflow do it, the lease rests on what the leader says of the others alone. */
async function agreeWithOthers(call: Call, { api, stream }: Asked): Promise<number> {
  try {
    return await api.agree(call, stream);
  } catch (error) {
    if (isAway(error) || isUnanswered(error)) throw error;
    return 0;
  }
}

function knownOf({ api, stream }: Asked): Known {
  const all = streams.get(api) ?? new Map<string, Known>();
  streams.set(api, all);
  if (all.size >= MAX_KNOWN) all.clear();
  const known = all.get(stream) ?? { at: { api, stream }, readAt: 0 };
  all.set(stream, known);
  return known;
}

function notLed({ bucket }: LedStream): PackError {
  return new PackError(
    'UNAVAILABLE',
    `The server that leads bucket "${bucket}" does not reach the others, so that another may lead it by now: nothing was read. Try again, or through a kvflow that reaches the majority.`,
  );
}
