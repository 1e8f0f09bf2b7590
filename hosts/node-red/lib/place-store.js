import { toError } from './failures.js';

/** @import { Envelope, Invoke, Place, RedNode } from './types.d.ts' */

const NOT_THERE = new Set(['KEY_NOT_FOUND', 'BUCKET_NOT_FOUND']);

/**
 * Keeps how far a node has come in a bucket, under the node's id: it outlives Node-RED. Without a bucket nothing is kept.
 * @param {RedNode} node
 * @param {{ invoke: Invoke, bucket: string }} options
 */
export function createPlaceStore(node, { invoke, bucket }) {
  const key = node.id.replace(/[^\w.-]|^\.|\.$|\.(?=\.)/g, '_');
  /** @type {Place | undefined} */
  let unsaved;
  /** @type {Promise<void>} */
  let saving = Promise.resolve();
  let isTold = false;
  return {
    /** @returns {Promise<{ place?: Place, failure?: Envelope }>} a failure that says more than "not there" */
    async load() {
      if (!bucket) return {};
      const envelope = await invoke('kv-key-get', { bucket, key, json: true });
      if (envelope.data) return { place: /** @type {Place} */ (envelope.data.value) };
      return NOT_THERE.has(String(envelope.error?.code)) ? {} : { failure: envelope };
    },
    /** @param {Place} place takes the place of those that still wait to be stored */
    save(place) {
      if (bucket) unsaved = place;
    },
    /** Stores what waits. What cannot be stored waits on; a failure is told once. */
    flush() {
      saving = saving.then(store);
      return saving;
    },
    async forget() {
      if (bucket) await invoke('kv-key-delete', { bucket, key });
    },
  };

  async function store() {
    if (!unsaved) return;
    const place = unsaved;
    const envelope = await put(place);
    if (envelope.data) {
      isTold = false;
      if (unsaved === place) unsaved = undefined;
      return;
    }
    if (!isTold) node.error(toError('kv-key-put', envelope), {});
    isTold = true;
  }

  /**
   * @param {Place} place
   * @returns {Promise<Envelope>}
   */
  async function put(place) {
    const envelope = await invoke('kv-key-put', { bucket, key, value: { ...place } });
    if (envelope.error?.code !== 'BUCKET_NOT_FOUND') return envelope;
    const made = await invoke('kv-bucket-create', { bucket, description: 'Where Node-RED goes on to watch' });
    // Another node may have made it just now.
    if (made.error && made.error.code !== 'BUCKET_EXISTS') return made;
    return await invoke('kv-key-put', { bucket, key, value: { ...place } });
  }
}
