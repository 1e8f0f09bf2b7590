import { toError } from '../failures.js';

/** @import { Connection, Envelope } from '../types.d.ts' */
/** @import { ContextChange, ContextConfig, NodeRedUtil } from './types.d.ts' */

/**
 * @typedef {ReturnType<typeof createBucket>} Bucket
 * @typedef {{ events?: ContextChange[], has_more?: true, next_id?: string, reset?: string }} Page
 * @typedef {{ tell: (change: ContextChange) => void, reset: () => void }} Listener told of changes, and of a bucket that was made again
 */

const DEFAULT_BUCKET = 'node_red_context';
/** Node-RED's start waits so long for kvflow; milliseconds. */
const OPEN_MS = 30_000;
const RETRY_MS = 500;
/** Changes of one answer. */
const PAGE = 1_000;
const BY = { host: 'node-red', node: 'context' };

/**
 * The bucket of a context store.
 * @param {Connection} connection
 * @param {ContextConfig} config
 * @param {NodeRedUtil['log']} log
 */
export function createBucket(connection, { bucket = DEFAULT_BUCKET, history = 1 }, log) {
  let closed = false;
  /** @type {unknown} */
  let place;
  return { open, put, remove, purge, close };

  /**
   * Reads all there is, and follows from there on.
   * @param {Listener} listener
   */
  async function open(listener) {
    const until = Date.now() + OPEN_MS;
    for (;;) {
      const envelope = await load(listener);
      if (envelope.data) break;
      if (!envelope.error?.retryable || Date.now() > until) throw toError('kvflow context', envelope);
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
    follow(listener).catch(error => log.warn(`kvflow context: ${error.message}`));
  }

  /** @param {Listener} listener */
  async function load(listener) {
    const made = await create();
    if (made.error && made.error.code !== 'BUCKET_EXISTS' && made.error.code !== 'FORBIDDEN') return made;
    for (;;) {
      const page = await poll(listener, 0);
      const { events = [], has_more } = /** @type {Page} */ (page.data ?? {});
      if (page.error || (events.length === 0 && !has_more)) return page;
    }
  }

  function create() {
    const input = { bucket, description: "Context of Node-RED's flows and nodes", history };
    return connection.invoke('kv-bucket-create', input, { by: BY });
  }

  /**
   * @param {Listener} listener
   * @param {number} wait_ms
   */
  async function poll(listener, wait_ms) {
    const from = { start: 'current', ...(place !== undefined && { after_id: place }) };
    const envelope = await connection.invoke('kv-key-watch', { bucket, ...from, limit: PAGE, wait_ms });
    const { events = [], next_id, reset } = /** @type {Page} */ (envelope.data ?? {});
    if (reset) listener.reset();
    for (const event of events) listener.tell(event);
    place = next_id ?? place;
    return envelope;
  }

  /** @param {Listener} listener */
  async function follow(listener) {
    while (!closed) {
      const { error } = await poll(listener, 5_000);
      if (!error || closed) continue;
      if (error.code === 'BUCKET_NOT_FOUND') await create();
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  function put(key, value) {
    return connection.invoke('kv-key-put', { bucket, key, value }, { by: BY });
  }

  /** @param {string} key */
  function remove(key) {
    return gone(connection.invoke('kv-key-delete', { bucket, key }, { by: BY }));
  }

  /**
   * Its history too.
   * @param {string} key
   */
  function purge(key) {
    return gone(connection.invoke('kv-key-purge', { bucket, key }, { by: BY }));
  }

  function close() {
    closed = true;
    return connection.close();
  }
}

/**
 * What is not there need not be taken away.
 * @param {Promise<Envelope>} taking
 * @returns {Promise<Envelope>}
 */
async function gone(taking) {
  const envelope = await taking;
  return /^(KEY|BUCKET)_NOT_FOUND$/.test(envelope.error?.code ?? '')
    ? { status_code: 200, data: {} }
    : envelope;
}
