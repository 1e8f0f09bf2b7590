import { randomBytes } from 'node:crypto';
import { PackError } from '../../../../contract/errors.ts';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import { commonWrittenBy } from '../../../../contract/written-by.ts';
import type { Call } from '../../../core/call.ts';
import type { KvCounter, KvIncrement } from '../../../core/ports/writes.ts';
import { isUnanswered } from '../../request-errors.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { valueLimit } from '../bucket/value-size.ts';
import type { Counted, Counter } from './counter.ts';
import { applySteps, encodeCounter, lastStep, readCounter } from './counter.ts';
import { outcomeUnknown, untilBack } from './refusals.ts';
import { checkTtl } from './ttl.ts';
import type { Writer } from './writer.ts';

/** Counts atomically. */
export type Increment = (call: Call, step: KvIncrement) => Promise<KvCounter>;

/** A step that waits to be taken. */
interface Waiting {
  step: KvIncrement;
  by: WrittenBy | undefined;
  deadline: number;
  resolve(counter: KvCounter): void;
  reject(error: unknown): void;
}

/** Which counter. */
interface Place {
  handle: BucketHandle;
  /** Encoded. */
  key: string;
  id: string;
}

/** Steps on one counter that wait for their turn. */
interface Queue {
  /** As the last caller found the bucket. */
  place: Place;
  waiting: Waiting[];
}

/** A counter as it was last written, and into which bucket: another of its name has other counters. */
interface Known {
  incarnation: string;
  counter: Counter;
}

const MAX_COUNTERS = 50_000;
/** One write takes at most this many steps, which bounds how long the first of them waits. */
const MAX_STEPS = 1_000;
const LONGEST_PAUSE_MS = 64;

/**
 * Makes the counters of one connection. Steps of this process on one counter wait for each other and are taken
 * together by one write; between processes the write's expected revision decides. Each write names this process and
 * the number of its step, so that one whose answer was lost is found in the counter and not taken twice.
 */
export function createIncrement(handles: Handles, writer: Writer): Increment {
  const process = randomBytes(6).toString('base64url');
  const queues = new Map<string, Queue>();
  const known = new Map<string, Known>();
  let writes = 0;

  return async (call, step) => {
    const opened = handles.open(call, step.bucket);
    const handle = opened instanceof Promise ? await opened : opened;
    if (step.ttl !== undefined) checkTtl(handle, step.ttl);
    const key = handle.codec.encode(step.key);
    const place = { handle, key, id: `${step.bucket} ${key}` };
    return await new Promise<KvCounter>((resolve, reject) => {
      enqueue(place, { step, by: call.by, deadline: call.deadline, resolve, reject });
    });
  };

  function enqueue(place: Place, waiting: Waiting): void {
    const queue = queues.get(place.id);
    if (queue) {
      queue.place = place;
      queue.waiting.push(waiting);
      return;
    }
    const first = { place, waiting: [waiting] };
    queues.set(place.id, first);
    void drain(first);
  }

  async function drain(queue: Queue): Promise<void> {
    const { id } = queue.place;
    while (queue.waiting.length > 0) {
      // Where the numbers must fit a schema, each step has an answer of its own.
      const group = queue.waiting.splice(0, queue.place.handle.checkValue ? 1 : MAX_STEPS);
      await take(queue.place, group).catch(error => {
        known.delete(id);
        for (const { reject } of group) reject(error);
      });
    }
    queues.delete(id);
  }

  /** Takes the steps by one write, which is tried until it is stored or their time is up. */
  async function take(place: Place, group: Waiting[]): Promise<void> {
    const number = ++writes;
    let open = group;
    let lost = false;
    let sent: { counted: Counted; group: Waiting[] } | undefined;
    let counter = recall(place);
    const again = () => {
      lost = true;
    };
    for (let tries = 0; ; tries++) {
      // While an answer is missing, a step may have been taken and cannot be given up as not taken.
      if (!lost) open = giveUpLate(open);
      if (open.length === 0) return;
      const call = { deadline: Math.max(...open.map(({ deadline }) => deadline)) };
      const remembered = counter !== undefined;
      counter ??= await (lost ? untilBack(call, () => read(call, place, true)) : read(call, place, false));
      // Also after a conflict: for a moment a former leader refuses what the present one has stored.
      if (sent && lastStep(counter, process) >= number) return settle(sent.group, sent.counted, counter.seq);
      const now = serverNow(place.handle);
      const counted = applySteps(
        counter,
        open.map(({ step }) => step),
        { now, mostBytes: valueLimit(place.handle.origin.config) },
      );
      if (counted.changed) {
        place.handle.checkValue?.(String(counted.next.value), '');
        const by = commonWrittenBy(open.map(each => each.by));
        sent = { counted, group: open };
        const attempt = () => tryStore({ ...call, by }, place, { counted, number, now, again });
        const stored = await (lost ? untilBack(call, attempt) : attempt());
        if (typeof stored === 'number') {
          counted.next.seq = stored;
          remember(place, counted.next);
          return settle(open, counted, stored);
        }
        if (stored === 'lost') lost = true;
        else await pause(tries);
      } else if (!remembered) return settle(open, counted, counter.seq);
      // Others wrote, or what is remembered leaves no room: look again.
      counter = undefined;
    }
  }

  async function read(call: Call, { handle, key }: Place, answerLost: boolean): Promise<Counter> {
    try {
      return readCounter(await writer.last(call, handle, key), handle.origin.config.max_age ?? 0);
    } catch (error) {
      const known = error instanceof PackError && ['NOT_A_NUMBER', 'UNAVAILABLE'].includes(error.code);
      if (answerLost && error instanceof PackError && !known) throw outcomeUnknown();
      throw error;
    }
  }

  async function tryStore(
    call: Call,
    { handle, key }: Place,
    { counted, number, now, again }: { counted: Counted; number: number; now: number; again(): void },
  ): Promise<number | 'conflict' | 'lost'> {
    try {
      const message = encodeCounter(counted.next, { process, number, now }, call.by);
      const write = { key, ...message, expected: counted.next.seq, again };
      return (await writer.tryStore(call, handle, write)) ?? 'conflict';
    } catch (error) {
      if (isUnanswered(error) && Date.now() < call.deadline) return 'lost';
      throw error;
    }
  }

  function recall({ id, handle }: Place): Counter | undefined {
    const last = known.get(id);
    return last?.incarnation === handle.incarnation ? last.counter : undefined;
  }

  function remember({ id, handle }: Place, counter: Counter): void {
    // Of a mirror's origin it is not known whether it was made again.
    if (handle.origin.stream !== handle.stream) return;
    const last = known.get(id);
    if (last) {
      last.incarnation = handle.incarnation;
      last.counter = counter;
      return;
    }
    if (known.size >= MAX_COUNTERS) known.clear();
    known.set(id, { incarnation: handle.incarnation, counter });
  }
}

/** Answers each step in order. */
function settle(group: Waiting[], { answers }: Counted, revision: number): void {
  for (const [index, { resolve, reject }] of group.entries()) {
    const answer = answers[index];
    if (answer instanceof PackError) reject(answer);
    else if (answer) resolve({ ...answer, revision });
  }
}

/** Steps whose time is up were not taken, and are told so; answers the others. */
function giveUpLate(group: Waiting[]): Waiting[] {
  const now = Date.now();
  return group.filter(({ deadline, reject }) => {
    if (deadline > now) return true;
    const message = 'Others wrote the counter all the time; the step was not taken. Try again.';
    reject(new PackError('UNAVAILABLE', message));
    return false;
  });
}

/** Random, so that processes that met do not meet again. */
function pause(tries: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, 2 ** tries);
  return new Promise(resolve => setTimeout(resolve, Math.random() * longest));
}
