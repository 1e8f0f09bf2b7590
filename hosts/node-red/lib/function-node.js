import { createAnswer } from './answer.js';
import { connectionOf } from './connection-node.js';
import { createInputReader, FieldError, typeOf } from './fields.js';
import { createStatus } from './status.js';
import { traceOf } from './trace.js';
import { withStoredValues, withUsableValues } from './values.js';
import { writtenBy } from './written-by.js';

/** @import { CatalogEntry, Envelope, Msg, NodeConfig, Red, RedNode } from './types.d.ts' */

/** Type of a field that leaves to the node what comes of stored values. */
const AUTOMATIC = 'auto';

/**
 * Registers the node of one function: each message is a call, and goes on when kvflow has answered.
 * @param {Red} RED
 * @param {CatalogEntry} entry
 */
export function registerFunction(RED, entry) {
  /**
   * @this {RedNode}
   * @param {NodeConfig} config
   */
  function KvflowFunction(config) {
    RED.nodes.createNode(this, config);
    const { invoke } = connectionOf(RED, config);
    const readInput = createInputReader(RED, this, { config, fields: entry.fields });
    const showStatus = createStatus(this);
    const by = writtenBy(this, config);
    const automatic = entry.automatic && isAutomatic(config);
    const answer = createAnswer(RED, entry, { config, showStatus });
    this.on('input', (msg, send, done) => {
      call(msg).then(envelope => answer(envelope, msg, { send, done }), done);
    });

    /**
     * @param {Msg} msg
     * @returns {Promise<Envelope>}
     */
    async function call(msg) {
      try {
        const read = readInput(msg);
        const input = stored(several(read instanceof Promise ? await read : read));
        const trace = traceOf(msg);
        const envelope = await invoke(entry.name, input, { by, ...(trace && { trace }) });
        return automatic ? withUsableValues(envelope) : envelope;
      } catch (error) {
        if (error instanceof FieldError) return error.envelope;
        throw error;
      }
    }
  }
  RED.nodes.registerType(entry.name, KvflowFunction);

  /** @param {Record<string, unknown>} input */
  function stored(input) {
    try {
      return withStoredValues(input);
    } catch (error) {
      throw new FieldError(`${entry.name}: ${/** @type {Error} */ (error).message}`);
    }
  }
}

/**
 * A list where one event is expected is several: a message may hold either.
 * @param {Record<string, unknown>} input
 */
function several(input) {
  if (!Array.isArray(input.event) || 'events' in input) return input;
  const { event: events, ...rest } = input;
  return { ...rest, events };
}

/**
 * Nodes that were drawn before there was "automatic" say what they want, which is text where they say nothing.
 * @param {NodeConfig} config
 */
function isAutomatic(config) {
  const type = config[typeOf('json')];
  return type === AUTOMATIC || type === undefined;
}
