import { createAcknowledged } from './acknowledged.js';
import { connectionOf } from './connection-node.js';
import { toError } from './failures.js';
import { createInputReader, FieldError } from './fields.js';
import { createPlaceStore } from './place-store.js';
import { createStatus } from './status.js';
import { text } from './text.js';

/** @import { CatalogEntry, Envelope, Invoke, NodeConfig, Place, Red, RedNode } from './types.d.ts' */

/** How long one call waits for a change: as long as a stopped watch may go on in the background. */
const WAIT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** How many changes may be on their way before no more is asked for. */
const MAX_WAITING = 1_000;
/** No failure but something to wait for; a bucket that comes later is new from its first revision on. */
const NO_BUCKET = 'BUCKET_NOT_FOUND';

/**
 * Registers the node that sends a message per change. After a deploy, an outage or a restart it goes on where it was.
 * @param {Red} RED
 * @param {CatalogEntry} entry
 */
export function registerWatch(RED, entry) {
  /**
   * How far each node has come, by its id. Not in the node's context: Node-RED forgets that at every deploy.
   * @type {Map<string, Place>}
   */
  const places = new Map();
  /**
   * @this {RedNode}
   * @param {NodeConfig} config
   */
  function KvflowWatch(config) {
    RED.nodes.createNode(this, config);
    const { invoke } = connectionOf(RED, config);
    const store = createPlaceStore(this, { invoke, bucket: text(config.places) });
    const watch = createWatch(this, {
      name: entry.name,
      invoke,
      places,
      store,
      comesBack: config.acknowledge === 'returned',
      readInput: async () => createInputReader(RED, this, { config, fields: entry.fields })({}),
    });
    this.on('input', (msg, _send, done) => {
      watch.handled(msg.acknowledge);
      done();
    });
    this.on('close', (removed, done) => {
      watch.stop();
      if (removed) places.delete(this.id);
      (removed ? store.forget() : store.flush()).then(
        () => done(),
        () => done(),
      );
    });
  }
  RED.nodes.registerType(entry.name, KvflowWatch);
}

/**
 * @param {RedNode} node
 * @param {WatchOptions} options
 */
function createWatch(node, { name, invoke, places, store, comesBack, readInput }) {
  const showStatus = createStatus(node);
  const acknowledged = createAcknowledged(keep);
  /** @type {Place | undefined} */
  let reached;
  /** What the last call asked for. */
  let started = '';
  let stopped = false;
  let retryMs = FIRST_RETRY_MS;
  let wake = () => {};
  follow().catch(error => node.error(error));
  return {
    stop() {
      stopped = true;
      wake();
    },
    /** @param {unknown} id */
    handled(id) {
      acknowledged.handled(id);
      void store.flush();
      wake();
    },
  };

  async function follow() {
    while (!stopped) {
      if (acknowledged.waiting() >= MAX_WAITING) {
        node.status({ fill: 'yellow', shape: 'ring', text: 'waits for messages' });
        await pause(LONGEST_RETRY_MS);
        continue;
      }
      const envelope = await poll();
      if (stopped) return;
      if (envelope.data) {
        deliver(/** @type {WatchAnswer} */ (/** @type {unknown} */ (envelope.data)));
        await store.flush();
        showStatus(envelope, undefined);
      } else await recover(envelope);
    }
  }

  /** @returns {Promise<Envelope>} */
  async function poll() {
    try {
      const input = await readInput();
      const of = JSON.stringify(input);
      const failure = await begin(of);
      if (failure) return failure;
      // The first call only says where "new" begins; there is nothing to wait for yet.
      const wait_ms = reached ? WAIT_MS : 0;
      const envelope = await invoke(name, { start: 'new', ...input, ...after(reached), wait_ms });
      if (envelope.error?.code === NO_BUCKET && !stopped) goOn({ of, next: 0 });
      return envelope;
    } catch (error) {
      if (error instanceof FieldError) return error.envelope;
      throw error;
    }
  }

  /**
   * Goes on where this Node-RED was, or where the one before it was. Another bucket, filter or start begins anew.
   * @param {string} of
   * @returns {Promise<Envelope | undefined>} what is in the way
   */
  async function begin(of) {
    if (reached?.of === of) return undefined;
    const { place, failure } = places.has(node.id) ? { place: places.get(node.id) } : await store.load();
    reached = place?.of === of ? place : undefined;
    started = of;
    return failure;
  }

  /** @param {WatchAnswer} answer */
  function deliver({ events, next, next_id }) {
    retryMs = FIRST_RETRY_MS;
    for (const event of events) {
      const acknowledge = acknowledged.sending(placeOf(event, next_id));
      node.send({ topic: event.key, payload: event, ...(comesBack && { acknowledge }) });
      if (!comesBack) acknowledged.handled(acknowledge);
    }
    goOn(placeAt(next, next_id));
  }

  /**
   * The end of a value may have the revision of the value: then the event says where it stands.
   * @param {WatchAnswer['events'][number]} event
   * @param {string | undefined} id of the answer
   * @returns {Place}
   */
  function placeOf({ id: own, revision }, id) {
    return own === undefined ? placeAt(revision, id) : placeAt(Number.parseInt(own, 10), own);
  }

  /**
   * The id of an answer says which bucket of its name it is of, behind the revision.
   * @param {number} revision
   * @param {string | undefined} id
   * @returns {Place}
   */
  function placeAt(revision, id) {
    return { of: started, next: revision, ...(id && { next_id: id.replace(/^\d+/, String(revision)) }) };
  }

  /** @param {Place} place to go on from with the next call */
  function goOn(place) {
    const isNew =
      place.next !== reached?.next || place.of !== reached.of || place.next_id !== reached.next_id;
    reached = place;
    if (isNew) acknowledged.handled(acknowledged.sending(place));
  }

  /** @param {Place} place */
  function keep(place) {
    places.set(node.id, place);
    store.save(place);
  }

  /**
   * Says once what is wrong, then tries again, ever more rarely. A bucket that is not there is waited for.
   * @param {Envelope} envelope
   */
  async function recover(envelope) {
    showStatus(envelope);
    const waits = envelope.error?.code === NO_BUCKET;
    if (!waits && retryMs === FIRST_RETRY_MS) node.error(toError(name, envelope), {});
    await pause(retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  /** @param {number} ms */
  async function pause(ms) {
    if (stopped) return;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    await new Promise(resolve => {
      wake = () => resolve(undefined);
      timer = setTimeout(wake, ms);
    });
    clearTimeout(timer);
  }
}

/**
 * @param {Place | undefined} place
 * @returns {{ after?: number, after_id?: string }}
 */
function after(place) {
  if (!place) return {};
  return place.next_id ? { after_id: place.next_id } : { after: place.next };
}

/**
 * @typedef {{ events: { key: string, revision: number, id?: string }[], next: number, next_id?: string }} WatchAnswer
 * @typedef {{
 *   name: string,
 *   invoke: Invoke,
 *   places: Map<string, Place>,
 *   store: ReturnType<typeof createPlaceStore>,
 *   comesBack: boolean,
 *   readInput: () => Promise<Record<string, unknown>>,
 * }} WatchOptions
 */
