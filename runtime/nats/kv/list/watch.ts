import type { Call } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type {
  KvEndsTold,
  KvEvent,
  KvWatch,
  KvWatchRange,
  KvWatchReset,
} from '../../../core/ports/watches.ts';
import { isPassing, noAnswer } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import type { StreamInfo } from '../../stream-types.ts';
import { bucketIdOf, isOf } from '../bucket/bucket-id.ts';
import { endsOptionsOf } from '../bucket/ends-options.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { latestFilter, patternsOf } from '../bucket/key-patterns.ts';
import { serverNow } from '../bucket/server-clock.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { isCaughtUp } from './caught-up.ts';
import type { Ends } from './ends.ts';
import { createEnds } from './ends.ts';
import { endsKind, firstEndOf, mayHaveEndedUnread, mayHaveMissed, mayHavePassed } from './ends-kind.ts';
import { readPastEnds } from './past-ends.ts';
import type { PullConsumer } from './pull-consumer.ts';
import { openPullConsumer } from './pull-consumer.ts';
import { endsOfUnseen, toEvents } from './watch-events.ts';

const SETUP_MS = 5_000;
/** A server that is being restarted refuses for a moment; asking it all the time would not help. */
const RETRY_MS = 200;
/** The keys of a bucket are read to learn the ends of what was there. */
const PAST_MS = 60_000;
/** That is waited for, however short the call is to wait. */
const READING_MS = 1_000;
/** What is delivered is held for a watch that nobody asks, for a while. */
const STALLED_MS = 20_000;
/** Between two looks at the server that delivers. */
const LOOK_EVERY_MS = 5_000;

/** Makes watches of one connection. */
export function createWatch(requests: Requests, handles: Handles) {
  return async (call: Call, range: KvWatchRange): Promise<KvWatch> => {
    let handle = await handles.open(call, range.bucket);
    const { state, config } = await handle.api.streamInfo(call, handle.stream);
    const startedAt = state.last_seq;
    // A revision that is still to come was given by a bucket of this name that is no more.
    const isVoid =
      range.after !== undefined &&
      (range.after > startedAt || (range.bucketId !== undefined && !isOf(handle, range.bucketId)));
    const after = isVoid ? undefined : range.after;
    const startsNew = range.start === 'new' && !isVoid;
    const before = toldBefore(range);
    const isMissed =
      !!after &&
      range.bucketId !== undefined &&
      // Where values end otherwise now, nothing that was known of ends holds.
      (range.bucketId !== bucketIdOf(handle) ||
        (await mayHaveMissed(call, handle, { after, told: before, state, config })));
    // Who asked for what is new keeps no state in which the ends are missing, and is not told it all again.
    const goesOn = !isMissed || range.onlyNew === true;
    let reset: KvWatchReset | undefined = resetBy({ isVoid, isMissed, after: goesOn ? after : 0 });
    let last = goesOn ? (after ?? (startsNew ? startedAt : 0)) : 0;
    let resumed = (goesOn && after !== undefined) || startsNew;
    /** Up to this revision what is told was there before. */
    let newFrom = startedAt;
    let delivery: PullConsumer | undefined;
    /** The last revision there was when it was begun to tell what there is. */
    let begunAt: number | undefined = startedAt;
    /** When the watch last heard from the server. */
    let heardAt = Date.now();
    /** When it was last looked whether the server that delivers has all there is. */
    let lookedAt = Date.now();
    /** Where an earlier watch stood, until what was written since is read. */
    let unread = goesOn && after && before && !range.onlyNew ? { after, told: before } : undefined;
    let closed = false;
    const asked = [range.filter].flat();
    const patterns = patternsOf(handle, asked, index =>
      range.filter === asked[0] ? '/filter' : `/filters/${index}`,
    );
    let ends = endsFrom(last, { state, told: isMissed ? undefined : before });
    const isWanted = (event: KvEvent): boolean =>
      patterns.wants(event.key) && !(range.ignoreDeletes && !isEntry(event));

    await open(call);
    return {
      startedAt: () => begunAt ?? startedAt,
      next,
      hasMore: () => last < (begunAt ?? Number.POSITIVE_INFINITY) && (delivery?.hasMore() ?? true),
      takeReset,
      bucketId: () => bucketIdOf(handle),
      ended: () => ends.told(),
      passed: () => ({ ...ends.toldUpTo(last), after: last }),
      close,
    };

    function takeReset(): KvWatchReset | undefined {
      const taken = reset;
      reset = undefined;
      return taken;
    }

    async function next(most: number, waitMs: number): Promise<KvEvent[]> {
      const until = Date.now() + waitMs;
      let isLate = false;
      for (;;) {
        const messages = await deliver(most, Math.min(until, ends.next()));
        // What is opened anew is looked at then.
        if (delivery && (await isOtherwise(until))) return [];
        const fresh = messages.filter(message => message.seq > last);
        if (fresh.length > 0) {
          last = fresh.at(-1)?.seq ?? last;
          resumed = true;
          const events = fresh.flatMap(message => toEvents(handle, message, range)).filter(isWanted);
          const placed = events.map(event => withPlace(event, event.revision, ends.note(event)));
          for (const end of endsOfUnseen(fresh, serverNow(handle))) ends.missed(end);
          if (placed.length > 0) return placed;
        }
        const ended = ends.take(most).filter(({ event }) => isWanted(event));
        if (ended.length > 0)
          return ended.map(({ event, told }) => ({ ...event, place: { ...told, after: last } }));
        if (ends.lost() && !range.onlyNew) beginAnew('ends_missed');
        if (closed || reset) return [];
        if (Date.now() < until) continue;
        const reading = ends.reading();
        if (!reading || isLate) return [];
        await Promise.race([reading, pause(READING_MS)]);
        isLate = true;
      }
    }

    /** The ends of what was written up to a revision and is not answered by this watch, and of what it answers. */
    function endsFrom(
      upTo: number,
      from: { state?: StreamInfo['state']; told?: KvEndsTold | undefined },
    ): Ends {
      const isOver = () => closed;
      const read = (atLeast: number) =>
        readPastEnds(
          { deadline: Date.now() + PAST_MS },
          { requests, handle },
          { patterns, upTo: last, atLeast, isOver },
        );
      const now = serverNow(handle);
      const { state, told } = from;
      // Nothing was written since: what ends next is what ended next then, or is written from now on.
      const isUnchanged = !told || state?.last_seq === upTo;
      const first = isUnchanged ? firstEndOf(handle, state?.first_ts) : undefined;
      const firstEndAt = endsKind(handle) === 'silent' && told ? Math.max(told.ended, first ?? 0) : first;
      return createEnds(handle, {
        told: { ...told, ended: Math.min(told?.ended ?? now, now) },
        firstRevision,
        firstEndAt,
        isEmpty: upTo === 0,
        isResumed: told !== undefined,
        saysPlace: revision => revision >= newFrom,
        read,
      });
    }

    async function firstRevision(): Promise<number> {
      const soon = { deadline: Date.now() + SETUP_MS };
      return (await handle.api.streamInfo(soon, handle.stream)).state.first_seq;
    }

    /** All is told again. */
    function beginAnew(reason: KvWatchReset['reason']): void {
      reset = { reason, after: 0 };
      [last, resumed, begunAt, unread] = [0, false, undefined, undefined];
      ends = endsFrom(0, {});
      delivery?.close();
      delivery = undefined;
    }

    /** Whether all is told again, since values end otherwise from now on: some may have ended at once. */
    async function isOtherwise(until: number): Promise<boolean> {
      const opened = handles.open({ deadline: Math.max(until, Date.now() + RETRY_MS) }, range.bucket);
      // A bucket that was made again is seen where it is opened.
      const now = opened instanceof Promise ? await opened.catch(() => handle) : opened;
      return now.created === handle.created && adopt(now);
    }

    /** Takes what is known of the bucket now; whether what was known of ends does not hold any more. */
    function adopt(now: BucketHandle): boolean {
      if (now === handle || now.isGuessed) return false;
      const isSame = endsOptionsOf(now) === endsOptionsOf(handle);
      handle = now;
      if (isSame) return false;
      if (range.onlyNew) ends = endsFrom(last, {});
      else beginAnew('ends_missed');
      return range.onlyNew !== true;
    }

    /** What was delivered; nothing while the server is away, after which the watch goes on where it was. */
    async function deliver(most: number, until: number): Promise<StoredMessage[]> {
      if (closed) return [];
      try {
        const soon = { deadline: Math.min(until, Date.now() + SETUP_MS) };
        const isOpen = delivery !== undefined;
        delivery ??= await open(soon);
        const unheardMs = Date.now() - heardAt;
        if ((!isOpen || unheardMs > STALLED_MS) && (await hasMissed(soon, unheardMs))) return [];
        if (!isOpen) lookedAt = Date.now();
        if (await isStuck(soon, delivery)) throw noAnswer();
        if (await isEndedUnread(delivery)) return [];
        const { messages } = await delivery.pull(most, { until, wait: true });
        heardAt = Date.now();
        return (await isEndedUnread(delivery)) ? [] : messages;
      } catch (error) {
        delivery?.close();
        delivery = undefined;
        handles.drop(range.bucket);
        if (!isPassing(error) || requests.closed()) throw error;
        await pause(Math.min(RETRY_MS, until - Date.now()));
        return [];
      }
    }

    /** Whether the server that delivers is behind, as one that was away may be for long: then another one is asked. */
    async function isStuck(soon: Call, { server }: PullConsumer): Promise<boolean> {
      if (Date.now() - lookedAt < LOOK_EVERY_MS) return false;
      lookedAt = Date.now();
      return !(await isCaughtUp(soon, handle, server).catch(() => true));
    }

    /** Whether all is told again, since nothing may be left of what ended while nothing was heard. */
    async function hasMissed(soon: Call, unheardMs: number): Promise<boolean> {
      if (range.onlyNew) return false;
      const isMissed = await mayHavePassed(soon, handle, { after: Math.max(last, begunAt ?? 0), unheardMs });
      heardAt = Date.now();
      if (isMissed) beginAnew('ends_missed');
      return isMissed;
    }

    /** Whether all is told again, since of what ended before it could be read nothing may be left: asked once all is read that there was. */
    async function isEndedUnread(from: PullConsumer): Promise<boolean> {
      if (!unread || from.hasMore()) return false;
      const isUnread = await mayHaveEndedUnread({ deadline: Date.now() + SETUP_MS }, handle, unread);
      unread = undefined;
      if (isUnread) beginAnew('ends_missed');
      return isUnread;
    }

    async function open(setup: Call): Promise<PullConsumer> {
      await requests.ready(setup);
      const now = await handles.open(setup, range.bucket);
      if (now.created !== handle.created) {
        handle = now;
        newFrom = 0;
        beginAnew('bucket_made_again');
      } else if (now !== handle) adopt(now);
      begunAt ??= (await handle.api.streamInfo(setup, handle.stream)).state.last_seq;
      delivery = await openPullConsumer(setup, requests, handle, {
        // Named even where it is everything: the stream of another client may have more than keys.
        ...latestFilter(patterns),
        ...(range.headersOnly && { headers_only: true }),
        ...(resumed || range.start === 'history'
          ? { deliver_policy: 'by_start_sequence', opt_start_seq: last + 1 }
          : { deliver_policy: 'last_per_subject' }),
      });
      return delivery;
    }

    function close(): void {
      closed = true;
      delivery?.close();
      delivery = undefined;
    }
  };
}

function toldBefore({ ended, endedRevision }: KvWatchRange): KvEndsTold | undefined {
  return ended === undefined ? undefined : { ended, ...(endedRevision !== undefined && { endedRevision }) };
}

function resetBy(why: {
  isVoid: boolean;
  isMissed: boolean;
  after: number | undefined;
}): KvWatchReset | undefined {
  if (why.isVoid) return { reason: 'bucket_made_again', after: 0 };
  return why.isMissed ? { reason: 'ends_missed', after: why.after ?? 0 } : undefined;
}

function withPlace(event: KvEvent, after: number, told: KvEndsTold | undefined): KvEvent {
  return told ? { ...event, place: { ...told, after } } : event;
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, ms)));
}
