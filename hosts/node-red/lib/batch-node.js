import { createAnswer } from './answer.js';
import { MAX_MESSAGES } from './batch-entry.js';
import { MAX_BYTES, sizeOf } from './batch-size.js';
import { connectionOf } from './connection-node.js';
import { unavailable } from './failures.js';
import { createInputReader, FieldError } from './fields.js';
import { createStatus } from './status.js';
import { withStoredValues } from './values.js';
import { writtenBy } from './written-by.js';

/** @import { CatalogEntry, Done, Envelope, Msg, NodeConfig, Red, RedNode, Send } from './types.d.ts' */

const PUT_MANY = 'kv-key-put-many';

/**
 * Registers the node that gathers messages and writes their items together. Each message goes on by itself, in order; a
 * message is done when its item is written, and a flow that stops writes what it has gathered.
 * @param {Red} RED
 * @param {CatalogEntry} entry
 */
export function registerBatch(RED, entry) {
  /**
   * @this {RedNode}
   * @param {NodeConfig} config
   */
  function KvflowBatch(config) {
    RED.nodes.createNode(this, config);
    const { invoke } = connectionOf(RED, config);
    const by = writtenBy(this, config);
    const readInput = createInputReader(RED, this, { config, fields: entry.fields });
    const answer = createAnswer(RED, entry, { config, showStatus: createStatus(this) });
    const most = Math.min(Math.max(Number(config.count) || 1, 1), MAX_MESSAGES);
    const longest = Math.max(Number(config.seconds) || 0, 0) * 1_000;
    /** @type {Gathered[]} */
    let gathered = [];
    let bytes = 0;
    /** Messages keep their order, so a batch waits for the one before. */
    let writing = Promise.resolve();
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    /** Reading a field may take its time; the order is that of arrival. */
    let reading = Promise.resolve();

    this.on('input', (msg, send, done) => {
      reading = reading.then(() => gather(msg, { send, done })).catch(done);
    });
    this.on('close', (_removed, done) => {
      reading.then(flush).then(
        () => done(),
        () => done(),
      );
    });

    /**
     * @param {Msg} msg
     * @param {{ send: Send, done: Done }} to
     */
    async function gather(msg, to) {
      try {
        const { bucket, ...item } = withStoredValues(await readInput(msg));
        gathered.push({ bucket, item, msg, ...to });
        bytes += sizeOf(item);
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        const { envelope } =
          error instanceof FieldError ? error : new FieldError(`${entry.name}: ${message}`);
        answer(envelope, msg, to);
      }
      if (msg.flush || gathered.length >= most || bytes >= MAX_BYTES) void flush();
      else timer ??= setTimeout(flush, longest);
    }

    function flush() {
      clearTimeout(timer);
      timer = undefined;
      const items = gathered;
      gathered = [];
      bytes = 0;
      writing = writing.then(() => write(items));
      return writing;
    }

    /**
     * One call for each bucket; nearly always that is one.
     * @param {Gathered[]} items
     */
    async function write(items) {
      /** @type {Map<Gathered, Envelope>} */
      const outcomes = new Map();
      for (const [bucket, own] of Map.groupBy(items, item => item.bucket)) {
        const envelope = await invoke(PUT_MANY, { bucket, items: own.map(({ item }) => item) }, { by });
        const answers = /** @type {Envelope[] | undefined} */ (envelope.data?.items);
        // What failed as a whole has failed for each.
        for (const [index, item] of own.entries()) outcomes.set(item, answers?.[index] ?? envelope);
      }
      for (const item of items) answer(outcomes.get(item) ?? NOT_ANSWERED, item.msg, item);
    }
  }
  RED.nodes.registerType(entry.name, KvflowBatch);
}

const NOT_ANSWERED = unavailable('kvflow answered without an outcome for this message.');

/** @typedef {{ bucket: unknown, item: Record<string, unknown>, msg: Msg, send: Send, done: Done }} Gathered */
