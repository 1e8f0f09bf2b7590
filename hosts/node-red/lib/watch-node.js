import { connectionOf } from './connection-node.js';
import { toError } from './failures.js';
import { createInputReader, FieldError } from './fields.js';
import { createStatus } from './status.js';

/** @import { CatalogEntry, Envelope, Invoke, NodeConfig, Red, RedNode } from './types.d.ts' */

/** How long one call waits for a change: as long as a stopped watch may go on in the background. */
const WAIT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** No failure but something to wait for; a bucket that comes later is new from its first revision on. */
const NO_BUCKET = 'BUCKET_NOT_FOUND';

/**
 * Registers the node that sends a message per change. After a deploy or an outage it goes on where it was.
 * @param {Red} RED
 * @param {CatalogEntry} entry
 */
export function registerWatch(RED, entry) {
  /**
   * How far each node has come, by its id. Not in the node's context: Node-RED forgets that at every deploy.
   * @type {Places}
   */
  const places = new Map();
  /**
   * @this {RedNode}
   * @param {NodeConfig} config
   */
  function KvflowWatch(config) {
    RED.nodes.createNode(this, config);
    const { invoke } = connectionOf(RED, config);
    const watch = createWatch(this, {
      name: entry.name,
      invoke,
      places,
      readInput: async () => createInputReader(RED, this, { config, fields: entry.fields })({}),
    });
    this.on('close', (removed, done) => {
      watch.stop();
      if (removed) places.delete(this.id);
      done();
    });
  }
  RED.nodes.registerType(entry.name, KvflowWatch);
}

/**
 * @param {RedNode} node
 * @param {{ name: string, invoke: Invoke, places: Places, readInput: () => Promise<Record<string, unknown>> }} options
 */
function createWatch(node, { name, invoke, places, readInput }) {
  const showStatus = createStatus(node);
  let stopped = false;
  let retryMs = FIRST_RETRY_MS;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let wake = () => {};
  follow().catch(error => node.error(error));
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      wake();
    },
  };

  async function follow() {
    while (!stopped) {
      const envelope = await poll();
      if (stopped) return;
      if (envelope.data) {
        deliver(/** @type {WatchAnswer} */ (/** @type {unknown} */ (envelope.data)));
        showStatus(envelope, undefined);
      } else await recover(envelope);
    }
  }

  /** @returns {Promise<Envelope>} */
  async function poll() {
    try {
      const input = await readInput();
      const of = JSON.stringify(input);
      // Another bucket, filter or start begins anew.
      const place = places.get(node.id);
      const after = place?.of === of ? place.next : undefined;
      // The first call only says where "new" begins; there is nothing to wait for yet.
      const wait_ms = after === undefined ? 0 : WAIT_MS;
      const envelope = await invoke(name, { ...input, ...(after !== undefined && { after }), wait_ms });
      const next = envelope.error?.code === NO_BUCKET ? 0 : envelope.data?.next;
      if (next !== undefined && !stopped) places.set(node.id, { of, next });
      return envelope;
    } catch (error) {
      if (error instanceof FieldError) return error.envelope;
      throw error;
    }
  }

  /** @param {WatchAnswer} answer */
  function deliver({ events }) {
    retryMs = FIRST_RETRY_MS;
    for (const event of events) node.send({ topic: event.key, payload: event });
  }

  /**
   * Says once what is wrong, then tries again, ever more rarely. A bucket that is not there is waited for.
   * @param {Envelope} envelope
   */
  async function recover(envelope) {
    showStatus(envelope);
    const waits = envelope.error?.code === NO_BUCKET;
    if (!waits && retryMs === FIRST_RETRY_MS) node.error(toError(name, envelope), {});
    await new Promise(resolve => {
      wake = () => resolve(undefined);
      timer = setTimeout(wake, retryMs);
    });
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }
}

/**
 * @typedef {{ events: { key: string }[], next: number }} WatchAnswer
 * @typedef {Map<string, { of: string, next: unknown }>} Places
 */
