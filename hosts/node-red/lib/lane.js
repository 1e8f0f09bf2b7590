import { MAX_BYTES, sizeOf } from './batch-size.js';

/** @import { Envelope, Invoke } from './types.d.ts' */

/**
 * @typedef {{ function: string, input: Record<string, unknown>, options?: Parameters<Invoke>[2] }} Call
 * @typedef {Call & { answer: (envelope: Envelope) => void }} Waiting
 */

/** A batch holds at most as many calls as kvflow takes at once. */
const MAX_CALLS = 1_000;

/** The writes of one bucket: those that wait, in their order, and the keys that are under way. */
export function createLane() {
  /** @type {Waiting[]} */
  let waiting = [];
  /** @type {Set<string>} */
  const busy = new Set();
  let underWay = 0;
  /** What writes keys that are not named is alone. */
  let isTaken = false;
  return {
    /** Whether what waits will be looked at soon. */
    isCalled: false,
    /** @param {Waiting} call */
    add: call => void waiting.push(call),
    underWay: () => underWay,
    isEmpty: () => underWay === 0 && waiting.length === 0,
    take,
    done,
  };

  /**
   * Takes what may go now, in order: nothing of a key that is under way, or that an earlier call waits for.
   * @returns {Waiting[]}
   */
  function take() {
    /** @type {Waiting[]} */
    const taken = [];
    if (isTaken || waiting.length === 0) return taken;
    /** @type {Waiting[]} */
    const left = [];
    /** @type {Set<string>} */
    const awaited = new Set();
    let bytes = 0;
    let at = 0;
    for (; at < waiting.length; at++) {
      const call = /** @type {Waiting} */ (waiting[at]);
      const keys = keysOf(call);
      if (!keys) {
        // It goes when everything before it is done, and nothing behind it before.
        if (underWay > 0 || taken.length > 0 || left.length > 0) break;
        isTaken = true;
        taken.push(call);
        at += 1;
        break;
      }
      if (keys.some(key => busy.has(key) || awaited.has(key))) {
        for (const key of keys) awaited.add(key);
        left.push(call);
        if (left.length < MAX_CALLS) continue;
        at += 1;
        break;
      }
      bytes += sizeOf(call.input);
      if (taken.length === MAX_CALLS || (taken.length > 0 && bytes > MAX_BYTES)) break;
      taken.push(call);
    }
    // Those from `at` on were not looked at.
    waiting = [...left, ...waiting.slice(at)];
    if (taken.length > 0) underWay += 1;
    for (const call of taken) for (const key of keysOf(call) ?? []) busy.add(key);
    return taken;
  }

  /** @param {Waiting[]} calls a batch that was answered */
  function done(calls) {
    underWay -= 1;
    isTaken = false;
    for (const call of calls) for (const key of keysOf(call) ?? []) busy.delete(key);
  }
}

/** Begins what stands for a queue: no key holds it. */
const QUEUE = '\0';

/**
 * The keys that a call writes, or the queue that it pushes into; undefined where it does not name them.
 * @param {Call} call
 * @returns {string[] | undefined}
 */
function keysOf({ input }) {
  const { key, to, queue } = input;
  const many = input.items ?? input.records ?? input.operations;
  if (Array.isArray(many)) return allText(many.map(item => /** @type {{ key?: unknown }} */ (item)?.key));
  if (key === undefined && typeof queue === 'string') return [QUEUE + queue];
  return key === undefined ? undefined : allText(to === undefined ? [key] : [key, to]);
}

/**
 * @param {unknown[]} keys
 * @returns {string[] | undefined}
 */
function allText(keys) {
  return keys.every(key => typeof key === 'string') ? /** @type {string[]} */ (keys) : undefined;
}
