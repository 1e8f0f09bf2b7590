/** @import { Bucket } from './bucket.js' */
/** @import { ContextChange, NodeRedUtil } from './types.d.ts' */

/**
 * A key that is being written.
 * @typedef {{ running: Promise<void>, again: PromiseWithResolvers<void> | undefined, heard: ContextChange | undefined }} Writing
 */

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/**
 * Brings values to the bucket, one write at a time for each key and always the latest, and takes in what others wrote later.
 * @param {{ bucket: Bucket, log: NodeRedUtil['log'], current: (key: string) => string | undefined, apply: (change: ContextChange) => void }} parts
 */
export function createWriter({ bucket, log, current, apply }) {
  /** @type {Map<string, Writing>} */
  const writing = new Map();
  /** Revision that each key has here: what is older was overtaken. @type {Map<string, number>} */
  const revisions = new Map();
  const closing = Promise.withResolvers();
  let closed = false;
  return { write, heard, forget, reset: () => revisions.clear(), close };

  /**
   * Resolves when the value is stored; rejects where the bucket does not take it. While kvflow is away it is tried again.
   * @param {string} key
   * @returns {Promise<void>}
   */
  function write(key) {
    const under = writing.get(key);
    if (under) {
      under.again ??= Promise.withResolvers();
      return under.again.promise;
    }
    /** @type {Writing} */
    const entry = { running: Promise.resolve(), again: undefined, heard: undefined };
    writing.set(key, entry);
    entry.running = run(key, entry);
    return entry.running;
  }

  /**
   * @param {string} key
   * @param {Writing} entry
   */
  async function run(key, entry) {
    try {
      const revision = await store(key);
      if (revision !== undefined) revisions.set(key, revision);
    } catch (error) {
      log.warn(`kvflow context: ${key} is not stored: ${/** @type {Error} */ (error).message}`);
      throw error;
    } finally {
      const { again, heard: change } = entry;
      writing.delete(key);
      // Whoever set it again meanwhile has the last word; else somebody else may have had it.
      if (again) write(key).then(again.resolve, again.reject);
      else if (change) heard(change);
    }
  }

  /** @param {string} key */
  async function store(key) {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      const envelope = await bucket.put(key, current(key));
      if (envelope.data) return /** @type {number | undefined} */ (envelope.data.revision);
      if (!envelope.error?.retryable || closed)
        throw Object.assign(new Error(envelope.error?.message), envelope.error);
      if (wait === FIRST_RETRY_MS)
        log.warn(`kvflow context: ${envelope.error.message} What is set is kept and stored later.`);
      await Promise.race([new Promise(resolve => setTimeout(resolve, wait)), closing.promise]);
    }
  }

  /**
   * What the watch tells, our own writes among it.
   * @param {ContextChange} change
   */
  function heard(change) {
    const under = writing.get(change.key);
    if (under) under.heard = change;
    else if (change.revision > (revisions.get(change.key) ?? 0)) {
      revisions.set(change.key, change.revision);
      apply(change);
    }
  }

  /** @param {string} key */
  function forget(key) {
    revisions.delete(key);
  }

  /** Waits for what is under way; what kvflow does not take now is lost, and said. */
  async function close() {
    closed = true;
    closing.resolve(undefined);
    while (writing.size > 0) await Promise.allSettled([...writing.values()].map(({ running }) => running));
  }
}
