import { createLane } from './lane.js';
import { catalog } from './manifest.js';

/** @import { Envelope, Invoke } from './types.d.ts' */
/** @import { Call } from './lane.js' */

/** How many batches of a bucket are under way at once: kvflow works on one while answers of another are read. */
const MAX_BATCHES = 4;

/** Functions that write keys of a bucket, or into a queue: the order of each key's writes is the order of the messages. */
const WRITERS = new Set(
  catalog
    .filter(({ name, readOnly }) => /^kv-(key-|transact$|queue-push$|bucket-import$)/.test(name) && !readOnly)
    .map(({ name }) => name),
);

/**
 * Keeps the order of the writes of each key over connections that may overtake each other. Writes that come together go
 * together in one batch, which kvflow runs in order for each key; one whose key is under way waits for it, and so does what
 * writes keys that are not named, such as a purge by a pattern, for everything of its bucket. All else goes at once.
 * @param {Invoke} invoke one call
 * @param {(calls: Call[]) => Promise<Envelope[]>} invokeBatch many, their answers in order
 * @returns {Invoke}
 */
export function inOrder(invoke, invokeBatch) {
  /** @type {Map<string, ReturnType<typeof createLane>>} */
  const lanes = new Map();
  return (name, input, options) => {
    const { bucket } = input;
    if (!WRITERS.has(name) || typeof bucket !== 'string') return invoke(name, input, options);
    return new Promise(answer => {
      const known = lanes.get(bucket);
      const lane = known ?? createLane();
      if (!known) lanes.set(bucket, lane);
      lane.add({ function: name, input, answer, ...(options && { options }) });
      // Messages that come together go together.
      if (!lane.isCalled) setImmediate(() => next(bucket, lane));
      lane.isCalled = true;
    });
  };

  /**
   * @param {string} bucket
   * @param {ReturnType<typeof createLane>} lane
   */
  function next(bucket, lane) {
    lane.isCalled = false;
    while (lane.underWay() < MAX_BATCHES) {
      const calls = lane.take();
      if (calls.length === 0) break;
      void send(calls).then(answers => {
        lane.done(calls);
        for (const [index, call] of calls.entries()) call.answer(/** @type {Envelope} */ (answers[index]));
        if (!lane.isCalled) next(bucket, lane);
      });
    }
    if (lane.isEmpty()) lanes.delete(bucket);
  }

  /**
   * @param {Call[]} calls
   * @returns {Promise<Envelope[]>} neither of the two ways throws
   */
  async function send(calls) {
    const [first] = calls;
    if (calls.length > 1 || !first) return await invokeBatch(calls);
    return [await invoke(first.function, first.input, first.options)];
  }
}
