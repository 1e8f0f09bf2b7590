/** @import { Envelope } from '../types.d.ts' */
/** @import { ContextChange, NodeRedUtil } from './types.d.ts' */

/**
 * A key that is being written.
 * @typedef {{ running: Promise<void>, again: PromiseWithResolvers<void> | undefined, heard: ContextChange | undefined }} Writing
 */

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/**
 * Brings values to the bucket, one write at a time for each key and always the latest, and takes in what others wrote later.
 * @param {{ store: (key: string) => Promise<Envelope>, log: NodeRedUtil['log'], apply: (change: ContextChange) => void }} parts `store` writes what the key has now
 */
export function createWriter({ store, log, apply }) {
  /** @type {Map<string, Writing>} */
  const writing = new Map();
  /** Revision that each key with a value has here: what is older was overtaken. @type {Map<string, number>} */
  const revisions = new Map();
  const closing = Promise.withResolvers();
  let closed = false;
  return { write, heard, reset: () => revisions.clear(), close };

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
      const revision = await stored(key);
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
  async function stored(key) {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      const envelope = await store(key);
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
    if (under) {
      under.heard = change;
      return;
    }
    const { key, revision, operation } = change;
    const had = revisions.get(key) ?? 0;
    if (revision < had) return;
    // Nothing older is heard of behind it.
    if (operation === 'put') revisions.set(key, revision);
    else revisions.delete(key);
    if (revision > had) apply(change);
  }

  /** Waits for what is under way; what kvflow does not take now is lost, and said. */
  async function close() {
    closed = true;
    closing.resolve(undefined);
    while (writing.size > 0) await Promise.allSettled([...writing.values()].map(({ running }) => running));
  }
}
