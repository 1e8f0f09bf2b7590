import { catalog } from './manifest.js';

/** @import { Envelope, Invoke } from './types.d.ts' */

/**
 * @typedef {{ function: string, input: Record<string, unknown>, options?: Parameters<Invoke>[2] }} Call
 * @typedef {Call & { answer: (envelope: Envelope) => void }} Waiting
 */

/** A batch holds at most as many calls, and about as many bytes, as kvflow takes at once. */
const MAX_CALLS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Functions that write keys of a bucket: their order is the order of the messages. */
const WRITERS = new Set(
  catalog.filter(({ name, readOnly }) => name.startsWith('kv-key-') && !readOnly).map(({ name }) => name),
);

/**
 * Keeps the order of writes to a bucket over connections that may overtake each other: while a write is under way, those
 * that come after it wait, and go together in one batch, which kvflow runs in order for each key. Everything else goes at once.
 * @param {Invoke} invoke one call
 * @param {(calls: Call[]) => Promise<Envelope[]>} invokeBatch many, their answers in order
 * @returns {Invoke}
 */
export function inOrder(invoke, invokeBatch) {
  /** @type {Map<unknown, Waiting[]>} */
  const lanes = new Map();
  return (name, input, options) => {
    const { bucket } = input;
    if (!WRITERS.has(name) || typeof bucket !== 'string') return invoke(name, input, options);
    return new Promise(answer => {
      const call = { function: name, input, answer, ...(options && { options }) };
      const lane = lanes.get(bucket);
      if (lane) lane.push(call);
      else {
        const begun = [call];
        lanes.set(bucket, begun);
        // Messages that come together go together.
        setImmediate(() => void run(bucket, begun));
      }
    });
  };

  /**
   * @param {string} bucket
   * @param {Waiting[]} lane
   */
  async function run(bucket, lane) {
    for (let calls = takeBatch(lane); calls.length > 0; calls = takeBatch(lane)) {
      const [first] = calls;
      const answers =
        calls.length === 1 && first
          ? [await invoke(first.function, first.input, first.options)]
          : await invokeBatch(calls);
      for (const [index, call] of calls.entries()) call.answer(/** @type {Envelope} */ (answers[index]));
    }
    lanes.delete(bucket);
  }
}

/**
 * @param {Waiting[]} lane
 * @returns {Waiting[]}
 */
function takeBatch(lane) {
  let bytes = 0;
  let count = 0;
  for (const { input } of lane) {
    bytes += sizeOf(input);
    if (count === MAX_CALLS || (count > 0 && bytes > MAX_BYTES)) break;
    count += 1;
  }
  return lane.splice(0, count);
}

/** @param {Record<string, unknown>} input */
function sizeOf(input) {
  return typeof input.value === 'string' ? input.value.length : JSON.stringify(input).length;
}
